import { pipeline, Readable, Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { constants, createBrotliDecompress, createUnzip } from 'node:zlib';
import { AxiosError, AxiosHeaders } from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';

/** Flow control of a response. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** Aborts the response: the rest is not needed. */
  stop(): void;
}

/** The raw body, as it arrives from the connection. */
export class ArrivingBody extends Readable {
  private isComplete = false;

  constructor(private readonly flow: Flow) {
    super();
  }

  /** Adds bytes; pauses the flow if the reader is slower. */
  arrive(chunk: Buffer): void {
    if (!this.push(chunk)) this.flow.pause();
  }

  complete(): void {
    this.isComplete = true;
    this.push(null);
  }

  override _read(): void {
    this.flow.resume();
  }

  override _destroy(
    error: Error | null,
    done: (error?: Error | null) => void,
  ): void {
    if (!this.isComplete) this.flow.stop();
    done(error);
  }
}

/** Adds the zlib header that some servers omit from deflate streams, as axios does. */
class ZlibHeader extends Transform {
  private isFirst = true;

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: TransformCallback,
  ): void {
    if (this.isFirst && chunk.length > 0) {
      this.isFirst = false;
      if (chunk[0] !== 0x78) this.push(Buffer.from([0x78, 0x9c]));
    }
    done(null, chunk);
  }
}

/** Fails when a body exceeds the maximum length. */
class LengthLimit extends Transform {
  private length = 0;

  constructor(
    private readonly most: number,
    private readonly tooLong: () => Error,
  ) {
    super();
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: TransformCallback,
  ): void {
    this.length += chunk.length;
    if (this.length > this.most) done(this.tooLong());
    else done(null, chunk);
  }
}

/** Accepts a compressed body without its trailer, as axios does. */
const ZLIB = {
  flush: constants.Z_SYNC_FLUSH,
  finishFlush: constants.Z_SYNC_FLUSH,
};
const BROTLI = {
  flush: constants.BROTLI_OPERATION_FLUSH,
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
};

/**
 * The streams that decode a body, in order; empty if none are needed. Removes
 * `Content-Encoding` from `headers` if the body is decoded.
 */
export function decodersOf(
  status: number,
  headers: AxiosHeaders,
  { method, decompress }: InternalAxiosRequestConfig,
): Transform[] {
  const encoding = headers.get('content-encoding');
  if (!encoding || decompress === false) return [];
  if (method?.toUpperCase() === 'HEAD' || status === 204) {
    headers.delete('content-encoding');
    return [];
  }
  const decoders = decodersFor(String(encoding).toLowerCase());
  if (decoders.length > 0) headers.delete('content-encoding');
  return decoders;
}

function decodersFor(encoding: string): Transform[] {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
    case 'compress':
    case 'x-compress':
      return [createUnzip(ZLIB)];
    case 'deflate':
      return [new ZlibHeader(), createUnzip(ZLIB)];
    case 'br':
      return [createBrotliDecompress(BROTLI)];
    default:
      return [];
  }
}

/** The decoded body, limited to `maxContentLength`. Destroying it also destroys the streams it passes through. */
export function readable(
  body: ArrivingBody,
  decoders: readonly Transform[],
  { maxContentLength = -1 }: InternalAxiosRequestConfig,
  tooLong: () => AxiosError,
): Readable {
  const stages: Transform[] = [...decoders];
  if (maxContentLength > -1) {
    stages.push(new LengthLimit(maxContentLength, tooLong));
  }
  const last = stages.at(-1);
  if (!last) return body;
  pipeline([body, ...stages], () => {});
  return last;
}

const BOM = '\ufeff';

/** Converts the bytes of a body as axios does. */
export function dataOf(
  body: Buffer,
  { responseType, responseEncoding }: InternalAxiosRequestConfig,
): Buffer | string {
  if (responseType === 'arraybuffer') return body;
  const text = body.toString(responseEncoding as BufferEncoding | undefined);
  const isUtf8 = !responseEncoding || responseEncoding === 'utf8';
  return isUtf8 && text.startsWith(BOM) ? text.slice(1) : text;
}
