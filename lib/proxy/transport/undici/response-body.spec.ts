import { text } from 'node:stream/consumers';
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
} from 'node:zlib';
import { AxiosError, AxiosHeaders } from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';
import { describe, expect, it, vi } from 'vitest';
import { ArrivingBody, dataOf, decodersOf, readable } from './response-body.js';

const configOf = (
  own: Partial<InternalAxiosRequestConfig> = {},
): InternalAxiosRequestConfig => ({ headers: new AxiosHeaders(), ...own });

const flowOf = () => ({
  pause: vi.fn<() => void>(),
  resume: vi.fn<() => void>(),
  stop: vi.fn<() => void>(),
});

/** A body as its reader has it, of which `bytes` have come. */
function bodyOf(
  bytes: Buffer,
  encoding: string,
  config = configOf(),
  flow = flowOf(),
) {
  const headers = new AxiosHeaders({ 'content-encoding': encoding });
  const body = new ArrivingBody(flow);
  const decoders = decodersOf(200, headers, config);
  const tooLong = () => new AxiosError('too long');
  const reading = readable(body, decoders, config, tooLong);
  body.arrive(bytes);
  body.complete();
  return { reading, headers, flow, body };
}

describe('an encoded body', () => {
  it.each([
    ['gzip', gzipSync('text')],
    ['X-GZIP', gzipSync('text')],
    ['compress', gzipSync('text')],
    ['deflate', deflateSync('text')],
    ['deflate', deflateRawSync('text')],
    ['br', brotliCompressSync('text')],
    ['gzip', gzipSync('text').subarray(0, -8)],
  ])('is decoded from %s, and no longer says so', async (encoding, bytes) => {
    const { reading, headers } = bodyOf(bytes, encoding);
    expect(await text(reading)).toBe('text');
    expect(headers.has('content-encoding')).toBe(false);
  });

  it.each([
    ['identity', configOf()],
    ['gzip, gzip', configOf()],
    ['gzip', configOf({ decompress: false })],
  ])('stays as it is with %s', async (encoding, config) => {
    const { reading, headers } = bodyOf(Buffer.from('raw'), encoding, config);
    expect(await text(reading)).toBe('raw');
    expect(headers.get('content-encoding')).toBe(encoding);
  });

  it.each([
    [204, 'get'],
    [200, 'HEAD'],
  ])('is none in a %i to %s', (status, method) => {
    const headers = new AxiosHeaders({ 'content-encoding': 'gzip' });
    expect(decodersOf(status, headers, configOf({ method }))).toEqual([]);
    expect(headers.has('content-encoding')).toBe(false);
  });
});

describe('a body that is longer than its caller takes', () => {
  it('is ended at the bound, counted once it is decoded', async () => {
    const config = configOf({ maxContentLength: 100_000 });
    const packed = gzipSync(Buffer.alloc(10_000_000));
    const { reading } = bodyOf(packed, 'gzip', config);
    let bytes = 0;
    const read = async () => {
      for await (const chunk of reading) bytes += (chunk as Buffer).length;
    };
    await expect(read()).rejects.toThrow('too long');
    expect(bytes).toBeLessThanOrEqual(100_000);
  });
});

describe('the flow of a body', () => {
  it('pauses while its reader is slower, and goes on once it reads', async () => {
    const flow = flowOf();
    const body = new ArrivingBody(flow);
    body.arrive(Buffer.alloc(100_000));
    expect(flow.pause).toHaveBeenCalled();
    flow.resume.mockClear();
    expect(body.read()).toHaveLength(100_000);
    await vi.waitFor(() => expect(flow.resume).toHaveBeenCalled());
    expect(flow.stop).not.toHaveBeenCalled();
  });

  it('stops where its reader goes away before the end', async () => {
    const flow = flowOf();
    const body = new ArrivingBody(flow);
    body.arrive(Buffer.from('some'));
    body.destroy();
    await vi.waitFor(() => expect(flow.stop).toHaveBeenCalledOnce());
  });
});

describe('the data of an answer', () => {
  const bytes = Buffer.from('\ufeffgrün');
  it('is text without its byte order mark', () => {
    expect(dataOf(bytes, configOf())).toBe('grün');
    expect(dataOf(bytes, configOf({ responseEncoding: 'utf8' }))).toBe('grün');
  });

  it('is in the encoding that the call asks for', () => {
    const config = configOf({ responseEncoding: 'latin1' });
    expect(dataOf(Buffer.from([0xfc]), config)).toBe('ü');
    const unknown = configOf({ responseEncoding: 'bogus' });
    expect(() => dataOf(bytes, unknown)).toThrow('Unknown encoding');
  });

  it('is the bytes themselves where the call asks for them', () => {
    expect(dataOf(bytes, configOf({ responseType: 'arraybuffer' }))).toBe(
      bytes,
    );
  });
});
