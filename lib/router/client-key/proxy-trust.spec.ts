import { Logger } from '@nestjs/common';
import { beforeAll, describe, expect, it } from 'vitest';
import { Findings } from '../../config/findings.js';
import { Sender } from '../transport/transport.js';
import { ProxyTrust } from './proxy-trust.js';

beforeAll(() => Logger.overrideLogger(false));

/** What was noticed about trust in proxies. */
function noticedIn(...requests: Sender[]): string[] {
  const findings = new Findings(new Set());
  const trust = new ProxyTrust(findings);
  for (const request of requests) trust.watch(request);
  return findings.all.map(({ code }) => code);
}

const express = (trust: unknown) => ({ app: { get: () => trust } });
const forwarded = { headers: { 'x-forwarded-for': '192.0.2.1' } };

describe('trust in proxies', () => {
  it('is missed when a forwarded request comes and none is set', () => {
    expect(noticedIn({ ...forwarded, ...express(false) })).toEqual([
      'untrusted-proxy',
    ]);
    expect(noticedIn({ ...forwarded })).toEqual(['untrusted-proxy']);
    expect(noticedIn({ headers: { forwarded: 'for=192.0.2.1' } })).toEqual([
      'untrusted-proxy',
    ]);
  });

  it('is there when the framework has any', () => {
    for (const setting of [1, 'loopback', () => true]) {
      expect(noticedIn({ ...forwarded, ...express(setting) })).toEqual([]);
    }
    expect(noticedIn({ ...forwarded, ips: ['192.0.2.1'] })).toEqual([]);
  });

  it('is too much when the framework trusts everybody', () => {
    const trustsAll = { ...forwarded, ...express(true) };
    expect(noticedIn(trustsAll)).toEqual(['every-proxy-trusted']);
  });

  it('is nothing to a request that came directly', () => {
    expect(noticedIn({ headers: {} }, { headers: {} })).toEqual([]);
  });

  it('is judged by the first forwarded request', () => {
    const direct = { headers: {} };
    expect(noticedIn(direct, forwarded, forwarded)).toEqual([
      'untrusted-proxy',
    ]);
  });

  it('is judged although the first forwarded request comes late', () => {
    const direct = Array.from({ length: 1000 }, () => ({ headers: {} }));
    const late = Array.from({ length: 64 }, () => forwarded);
    expect(noticedIn(...direct, ...late)).toEqual(['untrusted-proxy']);
  });
});
