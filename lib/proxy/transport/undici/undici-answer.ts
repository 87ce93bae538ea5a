import type { IncomingHttpHeaders } from 'node:http';
import { finished, Readable } from 'node:stream';
import { AxiosError, AxiosHeaders } from 'axios';
import type { AxiosResponse } from 'axios';
import {
  ArrivingBody,
  dataOf,
  decodersOf,
  Flow,
  readable,
} from './response-body.js';
import {
  brokenAnswer,
  brokenOff,
  ErrorContext,
  HangUp,
  tooLong,
  unanswered,
} from './undici-errors.js';

/** The head of a response. */
export interface AnswerHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
}

/** Receives the result of a response. */
export interface AnswerEnds {
  /** Called when the response is complete. */
  complete(answer: AxiosResponse): void;
  /** Called when the caller can read the body as a stream. */
  handOver(answer: AxiosResponse): void;
  /** Called when that stream is over. */
  over(): void;
  /** Called when the response is too long, breaks off, or cannot be decoded. */
  fail(error: Error): void;
}

type Decoders = ReturnType<typeof decodersOf>;

/** A response in progress. Its body is collected and decoded, or handed over as a stream. */
export class UndiciAnswer {
  private readonly answer: AxiosResponse;
  /** The chunks of a body that is neither decoded nor streamed. */
  private readonly chunks: Buffer[] = [];
  private received = 0;
  private body: ArrivingBody | undefined;
  /** The decoded body, read by the caller or by this object. */
  private reading: Readable | undefined;

  constructor(
    { status, statusText, headers: fields }: AnswerHead,
    private readonly context: ErrorContext,
    private readonly flow: Flow,
    private readonly ends: AnswerEnds,
  ) {
    const { config, request } = context;
    const headers = headersOf(fields);
    const data = undefined;
    this.answer = { status, statusText, headers, config, request, data };
    const decoders = decodersOf(status, headers, config);
    if (config.responseType === 'stream') this.hand(decoders);
    else if (decoders.length > 0) this.collect(decoders);
  }

  /** Adds a chunk of the body. */
  take(chunk: Buffer): void {
    if (this.body) {
      this.body.arrive(chunk);
      return;
    }
    this.chunks.push(chunk);
    this.received += chunk.length;
    const { maxContentLength = -1 } = this.context.config;
    if (maxContentLength > -1 && this.received > maxContentLength) {
      this.ends.fail(tooLong(this.context));
    }
  }

  /** Ends the body. */
  end(): void {
    if (this.body) this.body.complete();
    else this.complete(this.chunks);
  }

  /** Fails the response because the connection broke. */
  break(error: Error): void {
    const { answer, body, context, ends } = this;
    const isHangUp = error instanceof HangUp;
    if (body && (isHangUp || this.isStream)) body.destroy(brokenOff(error));
    else if (isHangUp) ends.fail(abortedAnswer(context, error, answer));
    else ends.fail(unanswered(error, context));
  }

  /** Destroys the body: the rest is not needed. */
  destroy(error: Error): void {
    this.reading?.destroy(error);
  }

  /** Whether the caller reads it as a stream. It is then cancelled by destroying that stream. */
  get isStream(): boolean {
    return this.answer.data instanceof Readable;
  }

  private hand(decoders: Decoders): void {
    const stream = this.open(decoders);
    this.answer.data = stream;
    finished(stream, { writable: false }, () => this.ends.over());
    this.ends.handOver(this.answer);
  }

  /** Decodes and collects the body. */
  private collect(decoders: Decoders): void {
    const chunks: Buffer[] = [];
    this.open(decoders)
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .once('end', () => this.complete(chunks))
      .once('error', (error) =>
        this.ends.fail(brokenAnswer(error, this.context, this.answer)),
      );
  }

  private open(decoders: Decoders): Readable {
    this.body = new ArrivingBody(this.flow);
    const { context } = this;
    this.reading = readable(this.body, decoders, context.config, () =>
      tooLong(context),
    );
    // An error before the reader attaches a listener must not crash the process.
    return this.reading.on('error', () => {});
  }

  private complete(chunks: Buffer[]): void {
    const { answer, context, ends } = this;
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    try {
      answer.data = dataOf(body, context.config);
    } catch (error) {
      // The requested `responseEncoding` does not exist.
      ends.fail(brokenAnswer(error as Error, context, answer));
      return;
    }
    ends.complete(answer);
  }
}

function abortedAnswer(
  { config, request }: ErrorContext,
  cause: Error,
  answer: AxiosResponse,
): AxiosError {
  const code = AxiosError.ERR_BAD_RESPONSE;
  const text = 'stream has been aborted';
  return Object.assign(new AxiosError(text, code, config, request, answer), {
    cause,
  });
}

/** Repeated fields of which Node keeps only the first, as listed in its documentation of `message.headers`. */
const FIRST_ONLY: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
]);

/** Converts header fields to their form in Node: repeated ones are joined, and `set-cookie` is an array. */
function headersOf(fields: IncomingHttpHeaders): AxiosHeaders {
  const headers = new AxiosHeaders();
  for (const [name, value] of Object.entries(fields)) {
    if (name === '__proto__') continue;
    headers.set(
      name,
      name === 'set-cookie'
        ? ([value].flat() as string[])
        : joined(name, value),
    );
  }
  return headers;
}

function joined(
  name: string,
  value: string | string[] | undefined,
): string | undefined {
  if (!Array.isArray(value)) return value;
  return FIRST_ONLY.has(name)
    ? value[0]
    : value.join(name === 'cookie' ? '; ' : ', ');
}
