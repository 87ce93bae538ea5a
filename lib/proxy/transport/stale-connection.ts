import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { isAxiosError } from 'axios';

/** How a connection ends that its other side closed. */
const CLOSED: ReadonlySet<string | undefined> = new Set([
  'ECONNRESET',
  'EPIPE',
]);

/** What had come over a connection of Node's client when it was last idle. */
const bytesWhenIdle = new WeakMap<Socket, number>();
/** What connections of undici died of that had served before. */
const deaths = new WeakSet<object>();

/** Takes note that a connection of Node's client is idle. */
export function restsIdle(socket: Socket): void {
  bytesWhenIdle.set(socket, socket.bytesRead);
}

/** Takes note of the error that ended a connection which had served before. */
export function diedAfterUse(error: Error): void {
  deaths.add(error);
}

/**
 * Whether a request failed because the backend closed the kept connection that
 * it was sent on, before anything of an answer came: most likely the two
 * crossed, and the backend has not even seen it (RFC 9112, section 9.3.1).
 */
export function isStale(error: unknown): boolean {
  if (!isAxiosError(error) || error.response || !CLOSED.has(error.code)) {
    return false;
  }
  return deaths.has(error.cause as Error) || diedIdle(error.request);
}

interface Redirectable {
  readonly _currentRequest?: ClientRequest;
}

/** The request of an error is Node's own, or the one that follows redirects around it. */
function diedIdle(request?: ClientRequest & Redirectable): boolean {
  // oxlint-disable-next-line no-underscore-dangle -- follow-redirects' name for it
  const native = request?._currentRequest ?? request;
  return (
    native?.reusedSocket === true &&
    bytesWhenIdle.get(native.socket!) === native.socket!.bytesRead
  );
}
