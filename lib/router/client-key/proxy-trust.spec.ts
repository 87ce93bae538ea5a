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

describe('the check of trust in proxies', () => {
  it('reports a forwarded request when no proxy is trusted', () => {
    expect(noticedIn({ ...forwarded, ...express(false) })).toEqual([
      'untrusted-proxy',
    ]);
    expect(noticedIn({ ...forwarded })).toEqual(['untrusted-proxy']);
    expect(noticedIn({ headers: { forwarded: 'for=192.0.2.1' } })).toEqual([
      'untrusted-proxy',
    ]);
  });

  it('reports nothing when the framework trusts a proxy', () => {
    for (const setting of [1, 'loopback', () => true]) {
      expect(noticedIn({ ...forwarded, ...express(setting) })).toEqual([]);
    }
    expect(noticedIn({ ...forwarded, ips: ['192.0.2.1'] })).toEqual([]);
  });

  it('reports a framework that trusts everybody', () => {
    const trustsAll = { ...forwarded, ...express(true) };
    expect(noticedIn(trustsAll)).toEqual(['every-proxy-trusted']);
  });

  it('ignores direct requests', () => {
    expect(noticedIn({ headers: {} }, { headers: {} })).toEqual([]);
  });

  it('judges by the first forwarded request', () => {
    const direct = { headers: {} };
    expect(noticedIn(direct, forwarded, forwarded)).toEqual([
      'untrusted-proxy',
    ]);
  });

  it('still judges when the first forwarded request comes late', () => {
    const direct = Array.from({ length: 1000 }, () => ({ headers: {} }));
    const late = Array.from({ length: 64 }, () => forwarded);
    expect(noticedIn(...direct, ...late)).toEqual(['untrusted-proxy']);
  });
});
