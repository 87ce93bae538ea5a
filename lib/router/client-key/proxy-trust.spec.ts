import { Logger } from '@nestjs/common';
import { beforeAll, describe, expect, it } from 'vitest';
import { Findings } from '../../config/findings.js';
import { HttpCaller, ProxyTrust } from './proxy-trust.js';

beforeAll(() => Logger.overrideLogger(false));

/** Whether a proxy that is not trusted was noticed. */
function noticedIn(...requests: HttpCaller[]): number {
  const findings = new Findings(new Set());
  const trust = new ProxyTrust(findings);
  for (const request of requests) trust.watch(request);
  return findings.all.length;
}

const express = (trust: unknown) => ({ app: { get: () => trust } });
const forwarded = { headers: { 'x-forwarded-for': '192.0.2.1' } };

describe('trust in proxies', () => {
  it('is missed when a forwarded request comes and none is set', () => {
    expect(noticedIn({ ...forwarded, ...express(false) })).toBe(1);
    expect(noticedIn({ ...forwarded })).toBe(1);
    expect(noticedIn({ headers: { forwarded: 'for=192.0.2.1' } })).toBe(1);
  });

  it('is there when the framework has any', () => {
    for (const setting of [true, 1, 'loopback', () => true]) {
      expect(noticedIn({ ...forwarded, ...express(setting) })).toBe(0);
    }
    expect(noticedIn({ ...forwarded, ips: ['192.0.2.1'] })).toBe(0);
  });

  it('is nothing to a request that came directly', () => {
    expect(noticedIn({ headers: {} }, { headers: {} })).toBe(0);
  });

  it('is judged by the first forwarded request', () => {
    const direct = { headers: {} };
    expect(noticedIn(direct, forwarded, forwarded)).toBe(1);
  });

  it('is judged although the first forwarded request comes late', () => {
    const direct = Array.from({ length: 1000 }, () => ({ headers: {} }));
    const late = Array.from({ length: 64 }, () => forwarded);
    expect(noticedIn(...direct, ...late)).toBe(1);
  });
});
