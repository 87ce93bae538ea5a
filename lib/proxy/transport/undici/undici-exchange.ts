import { AsyncResource } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import { finished, Readable } from 'node:stream';
import { AxiosError, AxiosHeaders } from 'axios';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { RedirectGuard, TransportFault } from '../transport.js';
import { Hop, HopError, HopListener } from './hop.js';
import {
  isFollowed,
  RedirectAnswer,
  redirected,
  RedirectError,
} from './redirect.js';
import { ArrivingBody, dataOf, decodersOf, readable } from './response-body.js';
import {
  brokenAnswer,
  brokenOff,
  cancelled,
  HangUp,
  isRefusal,
  statusError,
  tooLong,
  unanswered,
} from './undici-errors.js';
import { UndiciRequest } from './undici-request.js';

/** What an exchange is carried by. */
export interface Carrier {
  /** The longest time until the headers of an answer are there, anew for each redirect. */
  readonly headersWithinMs: number | undefined;
  send(hop: Hop): void;
  /** Takes back what still waits to be sent. */
  withdraw(hop: Hop): void;
}

/** What one call is sent with, and where it ends. */
export interface ExchangeEnds {
  /** Told of each redirect before it is followed; throws where the call may not go there. */
  readonly mayFollow: RedirectGuard;
  readonly resolve: (answer: AxiosResponse | Promise<AxiosResponse>) => void;
  readonly reject: (error: Error, fault?: TransportFault) => void;
  /** Sends the call by axios' own adapter, where undici refuses to. */
  readonly byAxios: () => Promise<AxiosResponse>;
}

/** One call from its first request to the last byte of its answer, redirects followed; settles with what axios' own adapter would. */
export class UndiciExchange extends AsyncResource implements HopListener {
  private hop: Hop;
  private followed = 0;
  private isSettled = false;
  private redirect: RedirectAnswer | undefined;
  private answer: AxiosResponse | undefined;
  /** Bytes of an answer that is neither decoded nor read as a stream. */
  private chunks: Buffer[] | undefined;
  private received = 0;
  private body: ArrivingBody | undefined;
  private collecting = false;
  /** The body as its reader has it: the caller, or this exchange. */
  private reading: Readable | undefined;

  constructor(
    readonly config: InternalAxiosRequestConfig,
    public request: UndiciRequest,
    private readonly carrier: Carrier,
    private readonly ends: ExchangeEnds,
  ) {
    super('BackendCall', { requireManualDestroy: true });
    this.hop = this.nextHop();
  }

  /** Sends the first request, unless the call is cancelled already. */
  start(): void {
    const { signal, cancelToken } = this.config;
    signal?.addEventListener?.('abort', this.cancel);
    cancelToken?.subscribe(this.cancel);
    if (signal?.aborted) this.cancel();
    if (!this.isSettled) this.carrier.send(this.hop);
  }

  onAnswer(
    status: number,
    statusText: string,
    fields: IncomingHttpHeaders,
  ): void {
    if (isFollowed({ status, headers: fields }, this.config)) {
      this.redirect = { status, headers: fields };
      // Most redirects have been read by then, and their connection serves again.
      setImmediate(() => this.follow());
      return;
    }
    const { config, request } = this;
    const headers = headersOf(fields);
    const data = undefined;
    this.answer = { status, statusText, headers, config, request, data };
    const decoders = decodersOf(status, headers, config);
    if (config.responseType === 'stream') this.hand(decoders);
    else if (decoders.length > 0) this.collect(decoders);
    else this.chunks = [];
  }

  onData(chunk: Buffer): void {
    if (this.redirect) return;
    if (this.body) {
      this.body.arrive(chunk);
      return;
    }
    this.chunks!.push(chunk);
    this.received += chunk.length;
    const { maxContentLength = -1 } = this.config;
    if (maxContentLength > -1 && this.received > maxContentLength) {
      this.fail(tooLong(this));
    }
  }

  onEnd(): void {
    if (this.redirect) this.follow();
    else if (this.body) this.body.complete();
    else this.complete(this.chunks!);
  }

  onError(error: Error, { wasSent, wasUnheard }: HopError): void {
    if (this.redirect) return; // what broke is the rest of an answer that nobody reads
    if (this.collecting && !(error instanceof HangUp)) {
      this.fail(unanswered(error, this));
    } else if (this.body) {
      this.body.destroy(brokenOff(error));
    } else if (this.answer && error instanceof HangUp) {
      this.fail(abortedAnswer(this, error, this.answer));
    } else if (!wasSent && this.followed === 0 && isRefusal(error)) {
      this.settled();
      this.ends.resolve(this.ends.byAxios());
    } else {
      this.fail(unanswered(error, this), wasUnheard ? 'stale' : undefined);
    }
  }

  /** Goes where a redirect leads. */
  private follow(): void {
    const { redirect } = this;
    if (!redirect || this.isSettled) return;
    this.redirect = undefined;
    this.hop.leave();
    const { config, request, followed, ends } = this;
    try {
      this.request = redirected(
        request,
        redirect,
        config,
        followed,
        ends.mayFollow,
      );
    } catch (error) {
      const { isCallers } = error as RedirectError;
      this.fail(
        unanswered(error as Error, this),
        isCallers ? 'broken-off' : undefined,
      );
      return;
    }
    this.followed++;
    this.hop = this.nextHop();
    this.carrier.send(this.hop);
  }

  private nextHop(): Hop {
    return new Hop(this.request, this, this, this.carrier.headersWithinMs);
  }

  /** Hands the body to the caller as a stream, which from then on is cancelled by destroying it. */
  private hand(decoders: ReturnType<typeof decodersOf>): void {
    const stream = this.open(decoders);
    this.answer!.data = stream;
    finished(stream, { writable: false }, () => this.settled());
    this.deliver();
  }

  /** Reads a body that is to be decoded. */
  private collect(decoders: ReturnType<typeof decodersOf>): void {
    this.collecting = true;
    const chunks: Buffer[] = [];
    this.open(decoders)
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .once('end', () => this.complete(chunks))
      .once('error', (error) =>
        this.fail(brokenAnswer(error, this, this.answer!)),
      );
  }

  private open(decoders: ReturnType<typeof decodersOf>): Readable {
    const { hop } = this;
    this.body = new ArrivingBody({
      pause: () => hop.pause(),
      resume: () => hop.resume(),
      stop: () => hop.leave(),
    });
    this.reading = readable(this.body, decoders, this.config, () =>
      tooLong(this),
    );
    // It may break before its reader listens, which must not end the process.
    return this.reading.on('error', () => {});
  }

  private complete(chunks: Buffer[]): void {
    if (this.isSettled) return;
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    this.answer!.data = dataOf(body, this.config);
    this.settled();
    this.deliver();
  }

  /** Settles the call with its answer, as `validateStatus` says. */
  private deliver(): void {
    const answer = this.answer!;
    try {
      const error = statusError(answer);
      if (error) this.ends.reject(error);
      else this.ends.resolve(answer);
    } catch (error) {
      this.ends.reject(error as Error); // `validateStatus` is not ours
    }
  }

  private fail(error: Error, fault?: TransportFault): void {
    if (this.isSettled) return;
    this.settled();
    this.ends.reject(error, fault);
    this.carrier.withdraw(this.hop);
    this.hop.leave();
    this.reading?.destroy(error);
  }

  private readonly cancel = (reason?: unknown): void => {
    const error = cancelled(reason, this);
    if (this.answer?.data instanceof Readable) this.answer.data.destroy(error);
    else this.fail(error);
  };

  /** Nothing can cancel the call any more. */
  private settled(): void {
    if (this.isSettled) return;
    this.isSettled = true;
    const { signal, cancelToken } = this.config;
    signal?.removeEventListener?.('abort', this.cancel);
    cancelToken?.unsubscribe(this.cancel);
    this.emitDestroy();
  }
}

function abortedAnswer(
  { config, request }: UndiciExchange,
  cause: Error,
  answer: AxiosResponse,
): AxiosError {
  const code = AxiosError.ERR_BAD_RESPONSE;
  const text = 'stream has been aborted';
  return Object.assign(new AxiosError(text, code, config, request, answer), {
    cause,
  });
}

/** Fields of which Node keeps the first, as its documentation of `message.headers` lists them. */
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

/** Header fields as Node has them: those that come several times are joined, and cookies are a list. */
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
