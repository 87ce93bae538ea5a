import { AxiosError, AxiosHeaders, CanceledError } from 'axios';
import type { AxiosResponse } from 'axios';
import { describe, expect, it } from 'vitest';
import {
  asNodeSays,
  brokenAnswer,
  cancelled,
  HangUp,
  isRefusal,
  statusError,
  tooLong,
} from './undici-errors.js';
import { UndiciRequest } from './undici-request.js';

const coded = (code: string | undefined, message = 'x', name = 'Error') =>
  Object.assign(new Error(message), { code, name });

const context = {
  config: { headers: new AxiosHeaders(), maxContentLength: 5 },
  request: new UndiciRequest({
    url: new URL('http://catalog/x'),
    path: '/x',
    method: 'GET',
    headers: {},
    body: undefined,
    auth: undefined,
  }),
};

describe("undici's errors are told as Node's client tells them", () => {
  it.each(['UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'])(
    '%s as a connection that was reset',
    (code) => {
      const told = asNodeSays(coded(code));
      expect(told).toBeInstanceOf(HangUp);
      expect(told).toMatchObject({ code: 'ECONNRESET' });
    },
  );

  it.each([
    [
      'Response does not match (Invalid header value char)',
      'HPE_INVALID_HEADER_TOKEN',
    ],
    [
      'Response does not match (Expected HTTP/, RTSP/ or ICE/)',
      'HPE_INVALID_CONSTANT',
    ],
    ['Response does not match (Invalid status code)', 'HPE_INVALID_STATUS'],
    ['something else', 'HPE_INTERNAL'],
  ])('its parser, "%s", as %s', (message, code) => {
    const error = coded(undefined, message, 'HTTPParserError');
    expect(asNodeSays(error)).toMatchObject({ code });
  });

  it('an assertion about an answer as one that cannot be parsed', () => {
    const error = coded('ERR_ASSERTION', 'x', 'AssertionError');
    expect(asNodeSays(error)).toMatchObject({
      code: 'HPE_INTERNAL',
      cause: error,
    });
  });

  it('headers without an end as an overflow, and others as they are', () => {
    const code = 'HPE_HEADER_OVERFLOW';
    const overflow = coded('UND_ERR_HEADERS_OVERFLOW');
    expect(asNodeSays(overflow)).toMatchObject({ code });
    const refused = coded('ECONNREFUSED');
    expect(asNodeSays(refused)).toBe(refused);
  });
});

it('what undici would not send is told from what failed', () => {
  expect(isRefusal(coded('UND_ERR_INVALID_ARG'))).toBe(true);
  expect(isRefusal(coded('UND_ERR_SOCKET'))).toBe(false);
});

describe('the error of an answer', () => {
  const answer = { status: 200 } as AxiosResponse;

  it('that breaks off has the answer with it', () => {
    const error = brokenAnswer(coded('Z_DATA_ERROR'), context, answer);
    expect(error).toMatchObject({ code: 'Z_DATA_ERROR', response: answer });
    expect(error).toBeInstanceOf(AxiosError);
  });

  it('stays what it is where it is one of axios already', () => {
    for (const own of [new AxiosError('x'), new CanceledError('x')]) {
      expect(brokenAnswer(own, context, answer)).toBe(own);
    }
  });

  it('that is too long names the bound', () => {
    const message = 'maxContentLength size of 5 exceeded';
    expect(tooLong(context)).toMatchObject({ message });
  });

  it.each([
    [404, 'ERR_BAD_REQUEST'],
    [500, 'ERR_BAD_RESPONSE'],
    [304, 'ERR_BAD_RESPONSE'],
  ])('whose status %i is not taken has the code %s', (status, code) => {
    const config = { ...context.config, validateStatus: () => false };
    const given = { ...answer, status, config } as AxiosResponse;
    expect(statusError(given)).toMatchObject({ code, response: given });
  });

  it('is none where its status is taken, or nobody looks at it', () => {
    const taken = { ...context.config, validateStatus: () => true };
    for (const config of [taken, context.config]) {
      const given = { ...answer, status: 500, config } as AxiosResponse;
      expect(statusError(given)).toBeUndefined();
    }
  });
});

describe('a cancelled call', () => {
  it('fails with the reason where that is an error, as with axios', () => {
    const reason = new CanceledError('enough');
    expect(cancelled(reason, context)).toBe(reason);
  });

  it.each([undefined, 'text', { type: 'abort' }])(
    'else fails as cancelled: %s',
    (reason) => {
      expect(cancelled(reason, context)).toBeInstanceOf(CanceledError);
    },
  );
});
