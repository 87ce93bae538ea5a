import { finished, Readable, Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { AxiosError } from 'axios';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { CallOutcome } from '../../core/breaker/circuit-breaker.js';
import { AttemptSignal } from './call-signal.js';

/** How much of a failed response's body is buffered, so that its connection is freed even if nobody reads it. */
const AHEAD_BYTES = 64 * 1024;

/** How a streamed body is followed to its end. */
export interface BodyTerms {
  /** Maximum length in bytes, after decompression; negative for no limit. */
  readonly maxBytes: number;
  /** Whether the response counts as a failure, so its body may never be read. */
  readonly isFailure: boolean;
}

/**
 * Enforces the deadline and the length limit on a streamed body until its last
 * byte. Replaces the response's data with a stream of the same bytes.
 *
 * @param ended called once, with `undefined` if the body is complete, otherwise with the outcome to record
 */
export function followBody(
  answer: AxiosResponse,
  source: Readable,
  signal: AttemptSignal,
  { maxBytes, isFailure }: BodyTerms,
  ended: (broken: CallOutcome | undefined) => void,
): void {
  const ahead = isFailure ? { readableHighWaterMark: AHEAD_BYTES } : {};
  const body = new BoundedBody(maxBytes, answer.config, ahead);
  answer.data = body;
  // An error before the reader attaches a listener must not crash the process.
  body.on('error', () => {});
  let hasBroken = false;
  source.once('error', () => {
    // When the reader goes away, the source is destroyed after the body.
    hasBroken = !body.destroyed && !signal.aborted;
  });
  const onAbort = (reason: unknown) => body.destroy(reason as Error);
  finished(source, { writable: false }, (error) => {
    signal.removeEventListener('abort', onAbort);
    // If unread bytes are left, the reader was slow, not the backend.
    const isRead = body.readableLength === 0 && source.readableLength === 0;
    const isLate = signal.timeout !== undefined && isRead;
    if (!error) ended(undefined);
    else ended(isLate || hasBroken ? 'failure' : 'ignored');
    if (error) body.destroy(error);
  });
  body.once('close', () => source.destroy());
  // `pipeline` would do both, but adds so many listeners that Node warns of a leak.
  source.pipe(body);
  signal.onAbort(onAbort);
}

/** Passes a body through, up to a maximum number of bytes. */
class BoundedBody extends Transform {
  private taken = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly request: InternalAxiosRequestConfig,
    options: { readableHighWaterMark?: number },
  ) {
    super(options);
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: TransformCallback,
  ): void {
    this.taken += chunk.length;
    if (this.maxBytes < 0 || this.taken <= this.maxBytes) done(null, chunk);
    else done(tooLarge(this.maxBytes, this.request));
  }
}

/** The error of axios for a response above `maxContentLength`. */
function tooLarge(
  maxBytes: number,
  request: InternalAxiosRequestConfig,
): AxiosError {
  return new AxiosError(
    `maxContentLength size of ${maxBytes} exceeded`,
    AxiosError.ERR_BAD_RESPONSE,
    request,
  );
}
