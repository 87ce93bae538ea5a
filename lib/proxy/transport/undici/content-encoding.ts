import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream';
import { promisify } from 'node:util';
import {
  brotliDecompress,
  createBrotliDecompress,
  createUnzip,
  inflateRaw,
  unzip,
} from 'node:zlib';
import { AxiosHeaders } from 'axios';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';

const ZIPPED = new Set(['gzip', 'x-gzip', 'compress', 'x-compress', 'deflate']);
/** The first byte of a deflate stream that has its zlib header, which some servers leave out. */
const ZLIB_HEADER = 0x78;

const unzipped = promisify(unzip);
const inflated = promisify(inflateRaw);
const unbrotlied = promisify(brotliDecompress);

function encodingOf(answer: AxiosResponse): string {
  return String(
    AxiosHeaders.from(answer.headers as AxiosHeaders).get('content-encoding') ??
      '',
  ).toLowerCase();
}

/** Whether the body is to be decoded; a header that no body goes with is dropped. */
export function isEncoded(
  answer: AxiosResponse,
  config: InternalAxiosRequestConfig,
): boolean {
  const encoding = encodingOf(answer);
  if (encoding === '' || config.decompress === false) return false;
  if (config.method?.toUpperCase() === 'HEAD' || answer.status === 204) {
    dropEncoding(answer);
    return false;
  }
  return encoding === 'br' || ZIPPED.has(encoding);
}

/** A whole body, decoded. */
export async function decodedBody(
  body: Buffer,
  answer: AxiosResponse,
  { maxContentLength = -1 }: InternalAxiosRequestConfig,
): Promise<Buffer> {
  const encoding = encodingOf(answer);
  dropEncoding(answer);
  const options =
    maxContentLength > -1 ? { maxOutputLength: maxContentLength } : {};
  if (encoding === 'br') return unbrotlied(body, options);
  const isBare = encoding === 'deflate' && body[0] !== ZLIB_HEADER;
  return isBare ? inflated(body, options) : unzipped(body, options);
}

/** A body that is read as it comes, decoded. */
export function decodedStream(
  body: Readable,
  answer: AxiosResponse,
): Transform {
  const decoder =
    encodingOf(answer) === 'br' ? createBrotliDecompress() : createUnzip();
  dropEncoding(answer);
  return pipeline(body, decoder, () => {}) as Transform;
}

function dropEncoding(answer: AxiosResponse): void {
  (answer.headers as AxiosHeaders).delete('content-encoding');
}
