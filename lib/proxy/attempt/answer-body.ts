import { finished, Readable, Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { AxiosError } from 'axios';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { CallOutcome } from '../../core/breaker/circuit-breaker.js';
import { AttemptSignal } from './call-signal.js';

/** What is read ahead of the body of a failure, so that its connection is free although nobody reads it. */
const AHEAD_BYTES = 64 * 1024;

/** How a body that is read as a stream is followed to its end. */
export interface BodyTerms {
  /** Bytes after which it is ended, unpacked; below 0 for none. */
  readonly maxBytes: number;
  /** Whether its status speaks of a failure, so that perhaps nobody reads it. */
  readonly isFailure: boolean;
}

/**
 * Keeps the deadline of an attempt and the bound on its answer over a body that
 * its caller reads as a stream, until its last byte has come. The answer's data
 * is replaced by a stream that gives the same bytes.
 *
 * @param ended told once: nothing where the body came whole, else what its end says about the backend
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
  // It may break before its reader listens, which must not end the process.
  body.on('error', () => {});
  let hasBroken = false;
  source.once('error', () => {
    // A reader that goes away ends the source too, after the body.
    hasBroken = !body.destroyed && !signal.aborted;
  });
  const onAbort = (reason: unknown) => body.destroy(reason as Error);
  finished(source, { writable: false }, (error) => {
    signal.removeEventListener('abort', onAbort);
    // Where bytes came that nobody took, it was not the backend that all waited for.
    const isRead = body.readableLength === 0 && source.readableLength === 0;
    const isLate = signal.timeout !== undefined && isRead;
    if (!error) ended(undefined);
    else ended(isLate || hasBroken ? 'failure' : 'ignored');
    if (error) body.destroy(error);
  });
  body.once('close', () => source.destroy());
  // `pipeline` would do both, by so many listeners that Node takes them for a leak.
  source.pipe(body);
  signal.onAbort(onAbort);
}

/** Passes a body on, up to so many bytes. */
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

/** The error by which axios ends an answer above `maxContentLength`. */
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
