import http from 'node:http';
import https from 'node:https';

/** Whether each function that was met is Node's, by its text. */
const met = new WeakMap<object, boolean>();

/**
 * Whether requests are made by Node's client itself, and not by a tracer or a
 * mock put in front of it, who would see the first request of a redirected call
 * twice.
 */
export function isNodesOwn(): boolean {
  return isOwn(http.request) && isOwn(https.request);
}

function isOwn(request: (...args: never[]) => unknown): boolean {
  const known = met.get(request);
  if (known !== undefined) return known;
  const isOwn =
    request.name === 'request' && String(request).includes('ClientRequest');
  met.set(request, isOwn);
  return isOwn;
}
