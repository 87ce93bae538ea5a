import { describe, expect, it } from 'vitest';
import {
  ClientDeniedException,
  ClientRateLimitedException,
  ClientUnknownException,
  EndpointRateLimitedException,
  exceptionOf,
} from './rejection.js';
import { RejectionKind, RejectionReason } from './rejection.js';

const reasons: [RejectionReason, number, Function][] = [
  ['client', 429, ClientRateLimitedException],
  ['missing-key', 429, ClientUnknownException],
  ['denied', 403, ClientDeniedException],
  ['endpoint', 503, EndpointRateLimitedException],
];

describe('a rejection', () => {
  it.each(reasons)(
    'because of %s has status %d, and its exception the same document',
    (reason, status, type) => {
      const rejection = new RejectionKind(reason, ['a', 'b']).reject();
      const exception = exceptionOf(rejection);
      expect(rejection).toMatchObject({ reason, policies: ['a', 'b'] });
      expect(rejection.kind.status).toBe(status);
      expect(exception).toBeInstanceOf(type);
      expect(exception.getResponse()).toEqual(rejection.kind.problem);
      expect(rejection.kind.problem['violated-policies']).toEqual(['a', 'b']);
    },
  );

  it('tells when a retry would pass, where it knows', () => {
    const kind = new RejectionKind('client', ['a']);
    expect(exceptionOf(kind.reject(1500)).retryAfterMs).toBe(1500);
    expect(exceptionOf(kind.reject()).retryAfterMs).toBeUndefined();
  });

  it('makes an exception without a stack: it is an answer, no fault of the program', () => {
    const exception = exceptionOf(new RejectionKind('client', ['a']).reject());
    expect(exception.stack).not.toContain('at ');
  });
});
