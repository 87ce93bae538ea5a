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
    'for %s has status %d, and so does the document of its exception',
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

  it('has the time of the next possible retry if it is known', () => {
    const kind = new RejectionKind('client', ['a']);
    expect(exceptionOf(kind.reject(1500)).retryAfterMs).toBe(1500);
    expect(exceptionOf(kind.reject()).retryAfterMs).toBeUndefined();
  });

  it('becomes an exception without a stack, because it is an answer and not a bug', () => {
    const exception = exceptionOf(new RejectionKind('client', ['a']).reject());
    expect(exception.stack).not.toContain('at ');
  });
});
