import { HttpException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  ClientRateLimitedException,
  ClientUnknownException,
  EndpointRateLimitedException,
  EndpointTimeoutException,
} from './rejection.js';
import { ProblemException } from '../../http/problem-exception.js';

describe('router exceptions', () => {
  it.each([
    [new ClientRateLimitedException(['a']), 429],
    [new ClientUnknownException(['a']), 429],
    [new EndpointRateLimitedException(['a']), 503],
    [new EndpointTimeoutException(), 504],
  ])(
    'are HttpExceptions with a problem document as body (%s)',
    (exception, status) => {
      expect(exception).toBeInstanceOf(HttpException);
      expect(exception).toBeInstanceOf(ProblemException);
      expect(exception.getStatus()).toBe(status);
      expect(exception.getResponse()).toEqual(exception.problem);
      expect(exception.problem.status).toBe(status);
      expect(exception.message).toBe(exception.problem.detail);
      expect(exception.name).toBe(exception.constructor.name);
    },
  );

  it('expose the time of the next possible retry', () => {
    expect(new ClientRateLimitedException(['a'], 1500).retryAfterMs).toBe(1500);
    expect(new ClientRateLimitedException(['a']).retryAfterMs).toBeUndefined();
  });
});
