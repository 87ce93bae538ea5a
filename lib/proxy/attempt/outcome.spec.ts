import { Readable } from 'node:stream';
import { AxiosError, AxiosHeaders, CanceledError } from 'axios';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { describe, expect, it, vi } from 'vitest';
import type { FailureFunction } from '../../config/schema/circuit-breaker.schema.js';
import {
  exceptionFor,
  faultOf,
  outcomeOfAnswer,
  outcomeOfFault,
} from './outcome.js';
import {
  BackendTimeoutException,
  BackendUnreachableException,
} from '../errors.js';

const config: InternalAxiosRequestConfig = { headers: new AxiosHeaders() };

function response(status: number, data?: unknown): AxiosResponse {
  return { status, data, statusText: '', headers: {}, config };
}

function axiosError(code: string, answer?: AxiosResponse): AxiosError {
  return new AxiosError('failed', code, config, undefined, answer);
}

function brokenUpload(): AxiosError {
  const data = new Readable({ read() {} });
  data.on('error', () => {});
  data.destroy(new Error('its source broke off'));
  return new AxiosError('failed', 'ECONNRESET', { ...config, data });
}

const table: [string, unknown, string, string][] = [
  ['our deadline', axiosError('ETIMEDOUT'), 'timeout', 'failure'],
  ["axios' own timeout", axiosError('ECONNABORTED'), 'timeout', 'failure'],
  [
    'a refused connection',
    axiosError('ECONNREFUSED'),
    'unreachable',
    'failure',
  ],
  [
    'a name that nobody knows',
    axiosError('ENOTFOUND'),
    'unreachable',
    'failure',
  ],
  [
    'a reset before the headers',
    axiosError('ECONNRESET'),
    'unreachable',
    'failure',
  ],
  [
    'what is not HTTP',
    axiosError('HPE_INVALID_CONSTANT'),
    'unreachable',
    'failure',
  ],
  [
    'a reset within the body',
    axiosError('ERR_BAD_RESPONSE', response(200)),
    'unreachable',
    'failure',
  ],
  [
    'redirects without end',
    axiosError('ERR_FR_TOO_MANY_REDIRECTS'),
    'unreachable',
    'failure',
  ],
  [
    'a 500',
    axiosError('ERR_BAD_RESPONSE', response(500, '')),
    'status',
    'failure',
  ],
  [
    'a 503',
    axiosError('ERR_BAD_RESPONSE', response(503, 'later')),
    'status',
    'failure',
  ],
  [
    'a 404',
    axiosError('ERR_BAD_REQUEST', response(404, '')),
    'status',
    'success',
  ],
  [
    'a 429',
    axiosError('ERR_BAD_REQUEST', response(429, '')),
    'status',
    'success',
  ],
  ['a caller that cancelled', new CanceledError(), 'cancelled', 'ignored'],
  ['an upload that broke off', brokenUpload(), 'broken-off', 'ignored'],
  ['a wrong option', axiosError('ERR_BAD_OPTION_VALUE'), 'unsent', 'ignored'],
  [
    'an answer above maxContentLength',
    axiosError('ERR_BAD_RESPONSE'),
    'too-large',
    'ignored',
  ],
  ...[
    'ERR_INVALID_CHAR',
    'ERR_INVALID_HTTP_TOKEN',
    'ERR_UNESCAPED_CHARACTERS',
  ].map((code): [string, unknown, string, string] => [
    `what Node refuses with ${code}`,
    axiosError(code),
    'unsent',
    'ignored',
  ]),
  [
    'a header that cannot be sent',
    new TypeError('Invalid character'),
    'unsent',
    'ignored',
  ],
];

describe('the fault of a call', () => {
  const rows = table.map(
    ([name, error, ...expected]) => [name, ...expected, error] as const,
  );

  it.each(rows)('%s is "%s" and counts as %s', (_, fault, outcome, error) => {
    expect(faultOf(error)).toBe(fault);
    expect(outcomeOfFault(faultOf(error), error)).toBe(outcome);
  });
});

describe('an answer', () => {
  it.each([
    [200, 'success'],
    [302, 'success'],
    [499, 'success'],
    [500, 'failure'],
    [599, 'failure'],
  ])('with status %i is a %s', (status, outcome) => {
    expect(outcomeOfAnswer(response(status, ''))).toBe(outcome);
  });
});

describe('isFailure', () => {
  it('receives answers, and errors with their answer', () => {
    const isFailure = vi.fn<FailureFunction>(() => true);
    const slowDown = response(429, '');
    const error = axiosError('ERR_BAD_REQUEST', slowDown);
    expect(outcomeOfAnswer(slowDown, isFailure)).toBe('failure');
    expect(outcomeOfFault('status', error, isFailure)).toBe('failure');
    expect(isFailure.mock.calls).toEqual([
      [slowDown, undefined],
      [slowDown, error],
    ]);
  });

  it('may decide that a timeout or a lost connection is no failure', () => {
    const no = () => false;
    expect(outcomeOfFault('timeout', axiosError('ETIMEDOUT'), no)).toBe(
      'success',
    );
    expect(outcomeOfFault('unreachable', axiosError('EPIPE'), no)).toBe(
      'success',
    );
  });

  it('is not called for outcomes that say nothing about the backend', () => {
    const isFailure = vi.fn<FailureFunction>(() => true);
    expect(outcomeOfFault('cancelled', new CanceledError(), isFailure)).toBe(
      'ignored',
    );
    expect(outcomeOfFault('unsent', new TypeError(), isFailure)).toBe(
      'ignored',
    );
    expect(isFailure).not.toHaveBeenCalled();
  });
});

describe('the error of a backend call', () => {
  it('is a library exception whose cause is the original error when there was no complete answer', () => {
    const error = axiosError('ECONNREFUSED');
    const late = exceptionFor('catalog', 'timeout', error);
    const lost = exceptionFor('catalog', 'unreachable', error);
    expect(late).toBeInstanceOf(BackendTimeoutException);
    expect(lost).toBeInstanceOf(BackendUnreachableException);
    expect(late).toMatchObject({ backend: 'catalog', cause: error });
    expect(lost).toMatchObject({ backend: 'catalog', cause: error });
  });

  it.each(['status', 'cancelled', 'unsent'] as const)(
    'is the original error when the fault is "%s"',
    (fault) => {
      const error = axiosError('ERR_BAD_REQUEST');
      expect(exceptionFor('catalog', fault, error)).toBe(error);
    },
  );
});
