import type { IncomingHttpHeaders } from 'node:http';
import { AxiosError } from 'axios';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { Dispatcher } from 'undici';
import { answerHeaders } from './answer-headers.js';
import { CallCancel } from './call-cancel.js';
import { decodedBody, isEncoded } from './content-encoding.js';
import { OutgoingRequest } from './outgoing-request.js';
import { responseUrl } from './response-url.js';
import { statusError } from './settle.js';
import { transportError } from './transport-error.js';

/** Collects an answer and settles the call with what axios would make of it. */
export class BufferedAnswer implements Dispatcher.DispatchHandler {
  private readonly chunks: Buffer[] = [];
  private readonly cancel: CallCancel;
  private controller: Dispatcher.DispatchController | undefined;
  private context: unknown;
  private answer: AxiosResponse | undefined;
  private received = 0;
  private isSettled = false;

  constructor(
    private readonly config: InternalAxiosRequestConfig,
    private readonly request: OutgoingRequest,
    private readonly resolve: (answer: AxiosResponse) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    this.cancel = new CallCancel(config, request, (error) => this.fail(error));
  }

  onRequestStart(
    controller: Dispatcher.DispatchController,
    context: unknown,
  ): void {
    this.controller = controller;
    this.context = context;
    if (this.isSettled) controller.abort(new Error('cancelled'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusText = '',
  ): void {
    if (status < 200) return;
    this.request.res.responseUrl = responseUrl(this.request, this.context);
    this.answer = {
      status,
      statusText,
      headers: answerHeaders(headers),
      config: this.config,
      request: this.request,
      data: undefined,
    };
  }

  onResponseData(
    _controller: Dispatcher.DispatchController,
    chunk: Buffer,
  ): void {
    this.received += chunk.length;
    this.chunks.push(chunk);
    if (isTooLong(this.received, this.config))
      this.fail(tooLong(this.config, this.request));
  }

  onResponseEnd(): void {
    const body =
      this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
    if (isEncoded(this.answer!, this.config)) {
      decodedBody(body, this.answer!, this.config).then(
        (decoded) => this.complete(decoded),
        (error: Error) => this.onUndecodable(error),
      );
    } else {
      this.complete(body);
    }
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.fail(transportError(error, this.config, this.request, this.answer));
  }

  private onUndecodable(error: NodeJS.ErrnoException): void {
    if (error.code === 'ERR_BUFFER_TOO_LARGE') {
      this.fail(tooLong(this.config, this.request));
    } else {
      this.onResponseError(undefined, error);
    }
  }

  private complete(body: Buffer): void {
    if (this.isSettled) return;
    const answer = this.answer!;
    answer.data =
      this.config.responseType === 'arraybuffer'
        ? body
        : textOf(body, this.config);
    this.finish();
    const error = statusError(answer);
    if (error) this.reject(error);
    else this.resolve(answer);
  }

  private fail(error: Error): void {
    if (this.isSettled) return;
    this.finish();
    this.reject(error);
    this.controller?.abort(error);
  }

  private finish(): void {
    this.isSettled = true;
    // Not there yet when the call is cancelled before it begins.
    this.cancel?.done();
  }
}

const BOM = '\ufeff';

function textOf(
  body: Buffer,
  { responseEncoding }: InternalAxiosRequestConfig,
): string {
  const text = body.toString(responseEncoding as BufferEncoding | undefined);
  const isUtf8 = !responseEncoding || responseEncoding === 'utf8';
  return isUtf8 && text.startsWith(BOM) ? text.slice(1) : text;
}

function isTooLong(
  length: number,
  { maxContentLength = -1 }: InternalAxiosRequestConfig,
): boolean {
  return maxContentLength > -1 && length > maxContentLength;
}

function tooLong(
  config: InternalAxiosRequestConfig,
  request: OutgoingRequest,
): AxiosError {
  return new AxiosError(
    `maxContentLength size of ${config.maxContentLength} exceeded`,
    AxiosError.ERR_BAD_RESPONSE,
    config,
    request,
  );
}
