import { PassThrough } from 'node:stream';
import { AxiosError, AxiosHeaders } from 'axios';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BackendCall } from './backend-call.js';
import { Carriage } from './carriage.js';
import { BackendTimeoutException } from '../errors/backend-timeout.exception.js';
import { BackendUnreachableException } from '../errors/backend-unreachable.exception.js';

const config: InternalAxiosRequestConfig = {
  url: '/x',
  headers: new AxiosHeaders(),
};

function response(status: number, data: unknown = ''): AxiosResponse {
  return { status, data, statusText: '', headers: {}, config };
}

function lost(answer?: AxiosResponse): AxiosError {
  return new AxiosError('lost', 'ECONNRESET', config, undefined, answer);
}

function callForTest(): BackendCall {
  const call = new BackendCall(60_000);
  onTestFinished(() => call.done());
  return call;
}

describe('the carriage of a call', () => {
  it('says nothing of the backend before it is sent', () => {
    const carriage = new Carriage(async () => response(200));
    expect(carriage.outcome(callForTest())).toBe('ignored');
  });

  it('remembers the answer, whatever is made of it later', async () => {
    const carriage = new Carriage(async () => response(500, 'broken'));
    await carriage.adapter(config);
    expect(carriage.outcome(callForTest())).toBe('failure');
  });

  it('remembers that an answer was not whole, although a transform gives it data', async () => {
    const torn = response(200);
    torn.data = undefined;
    const error = lost(torn);
    const carriage = new Carriage(() => Promise.reject(error));
    await carriage.adapter(config).catch(() => {});
    torn.data = 'made up by a transform';
    const call = callForTest();
    expect(carriage.outcome(call)).toBe('failure');
    expect(carriage.exception('catalog', error, call)).toBeInstanceOf(
      BackendUnreachableException,
    );
  });

  it('is that of the first sending, when an interceptor sends the request anew', async () => {
    let times = 0;
    const carriage = new Carriage(async () => {
      times++;
      if (times === 1) throw lost();
      return response(200);
    });
    await carriage.adapter(config).catch(() => {});
    expect((await carriage.adapter(config)).status).toBe(200);
    expect(carriage.outcome(callForTest())).toBe('failure');
  });

  it('leaves alone what an interceptor threw', async () => {
    const carriage = new Carriage(() => Promise.reject(lost()));
    await carriage.adapter(config).catch(() => {});
    const own = new RangeError('of the application');
    expect(carriage.exception('catalog', own, callForTest())).toBe(own);
  });

  it('ended in a timeout when the call ran out of time, with the request in its cause', () => {
    const carriage = new Carriage(() => new Promise(() => {}));
    void carriage.adapter(config);
    const call = callForTest();
    call.runOut();
    expect(carriage.outcome(call)).toBe('failure');
    const exception = carriage.exception('catalog', call.timeout, call);
    expect(exception).toBeInstanceOf(BackendTimeoutException);
    expect(exception).toMatchObject({ cause: { config: { url: '/x' } } });
  });

  it('says nothing when the call was cancelled on its way', () => {
    const carriage = new Carriage(() => new Promise(() => {}));
    void carriage.adapter(config);
    const call = callForTest();
    call.cancel();
    expect(carriage.outcome(call)).toBe('ignored');
  });

  it('keeps a body that is a stream, and its errors from ending the process', async () => {
    const stream = new PassThrough();
    const carriage = new Carriage(async () => response(200, stream));
    await carriage.adapter(config);
    expect(carriage.body?.stream).toBe(stream);
    expect(() => stream.emit('error', new Error('broken'))).not.toThrow();
  });
});
