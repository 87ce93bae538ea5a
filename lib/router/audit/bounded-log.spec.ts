import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BoundedLog } from './bounded-log.js';
import { loggable } from '../../config/format/text.js';

const lines: string[] = [];

beforeEach(() => {
  lines.length = 0;
  vi.spyOn(Logger.prototype, 'warn').mockImplementation((line: string) => {
    lines.push(line);
  });
});
afterEach(() => vi.restoreAllMocks());

describe('the log of limits in audit mode', () => {
  it('writes one line a minute per subject, with the number of lines it held back', () => {
    let nowMs = 0;
    const log = new BoundedLog(() => nowMs);
    for (; nowMs < 120_000; nowMs += 1_000) {
      log.warn('search', () => `at ${nowMs}`);
    }
    log.warn('other', () => 'other');
    expect(lines).toEqual([
      'at 0',
      'at 60000 (59 more since the last line)',
      'other',
    ]);
  });

  it('keeps a bounded number of subjects', () => {
    const log = new BoundedLog(() => 0);
    for (let i = 0; i < 5_000; i++) log.warn(`s${i}`, () => 'line');
    expect(lines).toHaveLength(1_001);
  });
});

describe('a logged error', () => {
  it('is one line of bounded length without control characters', () => {
    const hostile = `a\r\nFAKE LINE \u001b[31m${'x'.repeat(5_000)}`;
    const line = loggable(new Error(hostile));
    expect(line.length).toBeLessThan(250);
    // oxlint-disable-next-line no-control-regex
    expect(line).not.toMatch(/[\u0000-\u001f]/);
  });
});
