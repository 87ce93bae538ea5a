import { inspect } from 'node:util';
import { AxiosError, AxiosHeaders } from 'axios';
import { describe, expect, it } from 'vitest';
import { BackendUnreachableException } from '../proxy/errors.js';
import { retryAfterSeconds, withoutStack } from './problem-exception.js';

/** As axios makes them: with the request, its headers, its agent and the answer. */
function causeWithSecrets(): AxiosError {
  const config = {
    url: 'http://ann:s3cret@catalog/?token=s3cret',
    headers: new AxiosHeaders({ authorization: 'Bearer s3cret' }),
    httpsAgent: { options: { passphrase: 's3cret' } },
    transformRequest: [() => 's3cret'],
  };
  return new AxiosError('s3cret', 'ECONNRESET', config as never, {}, {
    headers: { 'set-cookie': ['s3cret'] },
    data: 's3cret',
  } as never);
}

describe('an exception whose cause holds secrets', () => {
  const cause = causeWithSecrets();
  const exception = new BackendUnreachableException('catalog', cause);
  const problem = {
    type: 'about:blank',
    title: 'Bad Gateway',
    status: 502,
    detail: 'Backend "catalog" could not be reached.',
  };

  it('serializes as its problem document, even when nested', () => {
    expect(JSON.parse(JSON.stringify(exception))).toEqual(problem);
    expect(JSON.parse(JSON.stringify({ errors: [exception] }))).toEqual({
      errors: [problem],
    });
  });

  it.each([
    ['inspected', () => inspect(exception, { depth: Infinity })],
    [
      'inspected with all that is hidden',
      () => inspect(exception, { showHidden: true, depth: Infinity }),
    ],
    [
      'inspected inside of something else',
      () => inspect({ a: [exception] }, { depth: Infinity }),
    ],
    ['cloned', () => inspect(structuredClone(exception), { depth: Infinity })],
    ['spread', () => inspect({ ...exception }, { depth: Infinity })],
    ['copied field by field', () => JSON.stringify(Object.entries(exception))],
    ['a string', () => `${exception} ${exception.stack}`],
    ['a response', () => JSON.stringify(exception.getResponse())],
  ])('shows no secret when it is %s', (_, write) => {
    const text = write();
    expect(text).not.toContain('s3cret');
    expect(text.length).toBeGreaterThan(10);
  });

  it('shows where it was thrown when inspected', () => {
    const text = inspect(exception);
    expect(text).toContain('problem-exception.spec.ts');
    expect(text).toContain("title: 'Bad Gateway'");
  });

  it('exposes its cause to code', () => {
    expect(exception.cause).toBe(cause);
    expect('cause' in new BackendUnreachableException('catalog')).toBe(true);
    expect(new BackendUnreachableException('catalog').cause).toBeUndefined();
  });
});

describe('Retry-After', () => {
  it.each([
    [0, 1],
    [0.001, 1],
    [999, 1],
    [1000, 1],
    [1000.001, 2],
    [59_999.9, 60],
    [86_400_000, 86_400],
  ])('rounds %d ms up to %d seconds', (ms, seconds) => {
    expect(retryAfterSeconds(ms)).toBe(seconds);
  });

  it('is omitted when a retry can never pass or the wait is unknown', () => {
    expect(retryAfterSeconds(Infinity)).toBeUndefined();
    expect(retryAfterSeconds(undefined)).toBeUndefined();
  });

  it('is written in decimal digits, however long it is', () => {
    expect(String(retryAfterSeconds(1e300))).toMatch(/^\d+$/);
  });
});

describe('withoutStack', () => {
  it('creates an error with its message and no frames', () => {
    const error = withoutStack(() => new TypeError('no'));
    expect(error.message).toBe('no');
    expect(error.stack).not.toMatch(/\n\s+at /);
  });

  it('leaves other stacks alone, even after a failure', () => {
    const before = Error.stackTraceLimit;
    expect(() =>
      withoutStack(() => {
        throw new Error('while making');
      }),
    ).toThrow('while making');
    expect(Error.stackTraceLimit).toBe(before);
    expect(new Error('later').stack).toMatch(/\n\s+at /);
  });
});
