import { AxiosError, CanceledError } from 'axios';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestLife } from '../../context/request-life.js';
import { BackendCall } from './backend-call.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a call to a backend', () => {
  it('ends with a timeout when its budget is used up', () => {
    const call = new BackendCall(300);
    vi.advanceTimersByTime(299);
    expect(call.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(call.signal.reason).toBe(call.timeout);
    expect(call.timeout).toMatchObject({
      code: AxiosError.ETIMEDOUT,
      message: 'no complete answer within 300 ms',
    });
    expect(call.fault).toBe('timeout');
  });

  it('ends as cancelled when its own caller cancels', () => {
    const own = new AbortController();
    const call = new BackendCall(300, undefined, own.signal);
    own.abort();
    expect(call.signal.reason).toBeInstanceOf(CanceledError);
    expect(call.fault).toBe('cancelled');
  });

  it('ends as cancelled when the caller of its request leaves', () => {
    const life = new RequestLife(1000);
    const call = new BackendCall(300, life);
    life.endEarly('caller-left');
    expect(call.signal.aborted).toBe(true);
    expect(call.fault).toBe('cancelled');
  });

  it('ends with a timeout when the deadline of its request passes', () => {
    const life = new RequestLife(1000);
    const call = new BackendCall(300, life);
    life.endEarly('deadline');
    expect(call.signal.aborted).toBe(true);
    expect(call.fault).toBe('timeout');
  });

  it('ends at once when its caller or its request ended before it began', () => {
    const life = new RequestLife(1000);
    life.endEarly('caller-left');
    const late = new BackendCall(300, life);
    const cancelled = new BackendCall(300, undefined, AbortSignal.abort());
    expect(late.signal.aborted).toBe(true);
    expect(late.fault).toBe('cancelled');
    expect(cancelled.signal.aborted).toBe(true);
    expect(cancelled.fault).toBe('cancelled');
  });

  it('leaves no timer and no listener behind when it is done', () => {
    const life = new RequestLife(1000);
    const own = new AbortController();
    const call = new BackendCall(300, life, own.signal);
    call.done();
    expect(vi.getTimerCount()).toBe(0);
    life.endEarly('deadline');
    own.abort();
    expect(call.signal.aborted).toBe(false);
  });

  it('may take longer than a timer of Node can wait', () => {
    const call = new BackendCall(Infinity);
    vi.advanceTimersByTime(60_000);
    expect(call.signal.aborted).toBe(false);
    call.done();
  });
});

describe('work within a call', () => {
  it('gives its result or its error while there is time', async () => {
    const call = new BackendCall(300);
    await expect(call.within(Promise.resolve(42))).resolves.toBe(42);
    const failed = Promise.reject(new RangeError('no'));
    await expect(call.within(failed)).rejects.toThrow(RangeError);
  });

  it('is not waited for after the deadline, although it heeds no signal', async () => {
    const call = new BackendCall(300);
    const working = call.within(new Promise(() => {}));
    vi.advanceTimersByTime(300);
    await expect(working).rejects.toBe(call.timeout);
  });
});
