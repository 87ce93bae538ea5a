import { finished, Readable } from 'node:stream';
import { CallOutcome } from '../../core/breaker/circuit-breaker.js';
import { BackendCall } from './backend-call.js';

/** A body that is read as it comes, with the request that it answers. */
export interface StreamedBody {
  readonly stream: Readable;
  readonly request: { readonly aborted?: boolean } | undefined;
}

/**
 * Keeps the deadline of a call over a body that its caller reads as a stream.
 *
 * @param ended told once: nothing when the body came whole, else what its end says about the backend
 */
export function watchBody(
  { stream, request }: StreamedBody,
  call: BackendCall,
  ended: (broken: CallOutcome | undefined) => void,
): void {
  // Axios lets go of the body of an answer that it rejects.
  call.signal.onAbort((reason) => stream.destroy(reason as Error));
  finished(stream, { writable: false }, (error) => {
    // A pipeline whose far end goes away aborts the request, which looks like a lost connection.
    const isLost = !request?.aborted && isBackendsDoing(error);
    // Where bytes came that nobody took, it was not the backend that all waited for.
    const isLate = call.timeout !== undefined && stream.readableLength === 0;
    if (!error) ended(undefined);
    else ended(isLate || isLost ? 'failure' : 'ignored');
  });
}

/** A lost connection, or bytes that cannot be unpacked; a reader that stops or fails ends the stream with errors of its own. */
function isBackendsDoing(
  error: NodeJS.ErrnoException | null | undefined,
): boolean {
  const { code = '' } = error ?? {};
  return code === 'ECONNRESET' || /^(Z_|ERR_BROTLI|ERR__ERROR)/.test(code);
}
