import { Logger, LoggerService } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Finding, Findings } from './findings.js';

const finding: Finding = {
  code: 'capacity-default',
  path: 'policies.search.capacity',
  sentence: 'It is left out.',
  fix: 'Write one.',
};

let warnings: string[];
beforeEach(() => {
  warnings = [];
  const logger: LoggerService = {
    log() {},
    error() {},
    warn: (line: string) => warnings.push(line),
  };
  Logger.overrideLogger(logger);
});
afterEach(() => Logger.overrideLogger(false));

describe('findings', () => {
  it('are logged on one line as they are added', () => {
    new Findings(new Set()).add(finding);
    expect(warnings).toEqual([
      'policies.search.capacity: It is left out. Write one. See nestjs-floodgate/docs/findings.md#capacity-default',
    ]);
  });

  it('are kept and logged once per code and path', () => {
    const findings = new Findings(new Set());
    findings.add(finding);
    findings.add({ ...finding });
    findings.add({ ...finding, path: 'elsewhere' });
    findings.add({ ...finding, code: 'cost-above-capacity' });
    expect(findings.all).toHaveLength(3);
    expect(warnings).toHaveLength(3);
  });

  it('are kept but not logged when their code is silenced', () => {
    const findings = new Findings(new Set(['capacity-default']));
    findings.add(finding);
    findings.add({ ...finding, code: 'untrusted-proxy' });
    expect(findings.all).toHaveLength(2);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('findings.md#untrusted-proxy');
  });

  it('cannot be changed by their reader', () => {
    const findings = new Findings(new Set());
    findings.add(finding);
    (findings.all as Finding[]).pop();
    expect(findings.all).toEqual([finding]);
  });
});
