import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Logger } from '@nestjs/common';
import {
  afterEach,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
} from 'vitest';
import { OutageLog, remedyFor } from './outage-log.js';

describe('the outage log', () => {
  let log: OutageLog;
  let lines: string[];
  beforeEach(() => {
    vi.useFakeTimers();
    lines = [];
    const note = (line: unknown) => void lines.push(String(line));
    vi.spyOn(Logger.prototype, 'warn').mockImplementation(note);
    vi.spyOn(Logger.prototype, 'log').mockImplementation(note);
    log = new OutageLog('local', 'shop');
  });
  afterEach(() => {
    log.close();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it('has one line with advice when Redis goes down and one when it is back', () => {
    log.tell('', 'NOAUTH Authentication required.');
    log.tell('', undefined);
    expect(lines).toEqual([
      'Redis is down: NOAUTH Authentication required. (Redis asks for another user or password than the options of redisStore have); this instance enforces its share of each limit',
      'Redis is back: limits are shared again',
    ]);
  });

  it('has a few lines a minute for a flapping node, the last of which is true', () => {
    for (let i = 0; i < 300; i++) {
      log.tell('', 'no answer in 50 ms');
      log.tell('', undefined);
      vi.advanceTimersByTime(200);
    }
    vi.advanceTimersByTime(60_000);
    expect(lines.length).toBeLessThanOrEqual(8);
    expect(lines.at(-1)).toMatch(
      /^Redis went down \d+ times within a minute, and is back now: limits are shared again/,
    );
  });

  it('starts over when a node has been stable for a while', () => {
    for (let i = 0; i < 10; i++) log.tell('', 'no answer in 50 ms');
    vi.advanceTimersByTime(60_000);
    lines = [];
    log.tell('', undefined);
    expect(lines).toEqual(['Redis is back: limits are shared again']);
  });

  it('tracks each node separately', () => {
    for (const node of ['10.0.0.1:6379', '10.0.0.2:6379']) {
      log.tell(node, 'CLUSTERDOWN The cluster is down');
    }
    expect(lines).toEqual([
      expect.stringMatching(/^Redis at 10\.0\.0\.1:6379 is down/),
      expect.stringMatching(/^Redis at 10\.0\.0\.2:6379 is down/),
    ]);
  });

  it('cannot be forged or coloured by Redis replies, and neither can the event', () => {
    const heard: unknown[] = [];
    const hear = (message: unknown) => void heard.push(message);
    subscribe('floodgate:store', hear);
    onTestFinished(() => void unsubscribe('floodgate:store', hear));
    log.tell('a\nb', `ERR \u001b[31m\r\nFAKE ${'x'.repeat(10_000)}`);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/\p{Cc}/u);
    expect(lines[0].length).toBeLessThan(500);
    expect(heard).toEqual([
      expect.objectContaining({
        reason: expect.stringMatching(
          /^ERR \\u\{1b\}\[31m\\u\{d\}\\u\{a\}FAKE x+…$/,
        ),
      }),
    ]);
  });

  it.each([
    [
      "NOPERM User default has no permissions to run the 'evalsha' command",
      /~shop:\*.*\+evalsha/,
    ],
    ['ERR ACL failure in script: User app has no permissions to run', /\+mget/],
    ['WRONGPASS invalid username-password pair', /user or password/],
    ["OOM command not allowed when used memory > 'maxmemory'.", /maxmemory/],
    ["READONLY You can't write against a read only replica.", /replica/],
    ['BUSY Redis is busy running a script.', /SCRIPT KILL/],
    ['MISCONF Redis is configured to save RDB snapshots', /cannot save/],
    ["ERR unknown command 'EVALSHA'", /no Redis 7/],
    [
      'it replied a string where Redis replies 32 bytes',
      /something else answers/,
    ],
    ['no answer in 50 ms', /decisionBudget/],
  ])('gives advice about %s', (reason, remedy) => {
    expect(remedyFor(reason, 'shop')).toMatch(remedy);
  });
});
