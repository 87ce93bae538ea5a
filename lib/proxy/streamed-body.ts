import { finished, Readable } from 'node:stream';
import { CallOutcome } from '../core/circuit-breaker.js';
import { BackendCall } from './backend-call.js';

/**
 * Keeps the deadline of a call over a body that its caller reads as a stream.
 *
 * @param ended told once: nothing when the body came whole, else what its end says about the backend
 */
export function watchBody(
  body: Readable,
  call: BackendCall,
  ended: (broken: CallOutcome | undefined) => void,
): void {
  finished(body, { writable: false }, (error) => {
    call.done();
    if (!error) ended(undefined);
    else if (call.isCancelled || !body.errored) ended('ignored');
    else ended('failure');
  });
}
