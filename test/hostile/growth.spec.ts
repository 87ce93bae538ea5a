import { describe, expect, it } from 'vitest';
import { didYouMean, printable } from '../../lib/config/format/text.js';
import { check } from '../../lib/config/fault.js';
import { limitText } from '../../lib/config/schema/limit-text.js';
import { network } from '../../lib/config/schema/network.js';
import { throttleOptions } from '../../lib/config/schema/throttle-options.schema.js';
import { parseDurationNs } from '../../lib/core/time/duration.js';
import { fromKrakend } from '../../lib/krakend/index.js';
import { parseText } from '../../lib/krakend/source/parse-text.js';
import { NoticeBoard } from '../../lib/stores/redis/fleet/notice-board.js';
import { keySlot } from '../../lib/stores/redis/link/key-slot.js';
import { remedyFor } from '../../lib/stores/redis/outage/outage-log.js';
import { growthOf, isLinear } from '../support/growth.js';

const SIZE = 10_000;

/** Texts that make careless parsers look again and again at what they have seen. */
const texts: Record<string, (size: number) => string> = {
  letters: (n) => 'a'.repeat(n),
  digits: (n) => '9'.repeat(n),
  blanks: (n) => ' '.repeat(n),
  'line breaks': (n) => '\n'.repeat(n),
  'control characters': (n) => '\0\u202e'.repeat(n / 2),
  'halves of pairs': (n) => '\ud800'.repeat(n),
  quotes: (n) => '"'.repeat(n),
  backslashes: (n) => `"${'\\"'.repeat(n / 2)}`,
  slashes: (n) => `x${'/'.repeat(n)}x`,
  dots: (n) => '1.'.repeat(n / 2),
  colons: (n) => 'a:'.repeat(n / 2),
  commas: (n) => `[${','.repeat(n)}]`,
  'opening braces': (n) => '{'.repeat(n),
  'opening braces and a word': (n) =>
    `${'{'.repeat(n / 2)}a${'b'.repeat(n / 2)}`,
  'an action that does not end': (n) => `{{${'a'.repeat(n)}`,
  'actions that do not end': (n) => '{{ a '.repeat(n / 5),
  'an action of blanks': (n) => `{{${' '.repeat(n)}`,
  'braces in turns': (n) => '{{}'.repeat(n / 3),
  'opening brackets': (n) => '['.repeat(n),
  'nested lists': (n) => '['.repeat(n / 2) + ']'.repeat(n / 2),
  'nested maps': (n) => '{a: '.repeat(n / 5) + '}'.repeat(n / 5),
  'nested lists of YAML': (n) => `${'- '.repeat(n / 2)}x`,
  'a map of YAML': (n) =>
    Array.from({ length: n / 8 }, (_, i) => `k${i}: ${i}`).join('\n'),
  'a map of YAML in braces': (n) =>
    `{${Array.from({ length: n / 8 }, (_, i) => `k${i}: ${i}`).join(', ')}}`,
  'lines that are wrong': (n) => 'a: b: c\n'.repeat(n / 8),
  comments: (n) => '# x\n'.repeat(n / 4),
  'a list': (n) => '- x\n'.repeat(n / 4),
  notices: (n) => '1 2 you|pause\n'.repeat(n / 14),
  'percent signs': (n) => `1 2 you|${'%'.repeat(n)}`,
  'a duration of many parts': (n) => '0h'.repeat(n / 2),
  'hash tags': (n) => '{}'.repeat(n / 2),
};

const board = new NoticeBoard('me');
board.listen('pause', () => {});
const names = Array.from({ length: 300 }, (_, i) => `policy-${i}`);

/** All that reads texts which callers, backends, stores and files choose. */
const readers: Record<string, (text: string) => unknown> = {
  'a duration': parseDurationNs,
  'a limit': (text) => check(limitText, text, '', []),
  'a network': (text) => check(network, text, '', []),
  'the name of a policy': (text) => didYouMean(text, names),
  'a text in a log line': (text) => printable(text),
  'a text in a fault': (text) =>
    check(throttleOptions, { timeout: text, maxClients: text }, '', []),
  'a key of the options': (text) =>
    check(throttleOptions, { [text]: 1, policies: { [text]: 1 } }, '', []),
  'a template': (text) => parseText(text, 'limits.json'),
  'a configuration of KrakenD': (text) => fromKrakend(`${text}\n`),
  'the notices of other instances': (text) => board.hear(text, 2, 0),
  'a key of a Cluster': keySlot,
  'an error of Redis': (text) => remedyFor(text, 'floodgate'),
};

describe.each(Object.entries(readers))('the parser of %s', (_, read) => {
  it.each(Object.entries(texts))('takes time linear in %s', (_, make) => {
    expect(growthOf(read, make, SIZE)).toSatisfy(isLinear);
  });
});

describe('unknown keys', () => {
  it('take time linear in their number', () => {
    const keys = (text: string) =>
      Object.fromEntries(text.split(' ').map((key) => [key, 1]));
    const growth = growthOf(
      (text) => check(throttleOptions, keys(text), '', []),
      (size) => Array.from({ length: size }, (_, i) => `key${i}`).join(' '),
      1_000,
    );
    expect(growth).toSatisfy(isLinear);
  });

  it('are rejected quickly in a map of ten thousand', () => {
    const map = Array.from({ length: 10_000 }, (_, i) => `key${i}: ${i}`);
    const text = ['version: 3', 'endpoints: []', ...map].join('\n');
    const began = process.cpuUsage();
    fromKrakend(text);
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(2_000);
  });

  it('are reported when duplicated', () => {
    expect(() => fromKrakend('version: 3\nname: a\nname: b')).toThrow(
      /line 3, column 1: the key "name" is there twice/,
    );
  });

  it('are rejected when nested deeper than any configuration', () => {
    for (const text of ['[[', '{a: ', '- ', '? '].map((one) =>
      one.repeat(5_000),
    )) {
      expect(() => fromKrakend(`${text}x\n`)).toThrow(
        /nested deeper|needs double quotes/,
      );
    }
  });
});
