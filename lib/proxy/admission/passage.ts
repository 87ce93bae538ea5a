import { Permit } from '../../core/breaker/circuit-breaker.js';

/** Leave to send one call, and what it holds until it is settled. */
export class Passage {
  /** From sending to the answer: to its last byte, or to its headers where the body is read as a stream. Unknown until then. */
  tookMs: number | undefined;

  /**
   * @param permit the breaker's
   * @param sentAtMs when it was given
   * @param call its number, where the backend is listened to
   */
  constructor(
    readonly permit: Permit,
    readonly sentAtMs: number,
    readonly call: number,
  ) {}
}
