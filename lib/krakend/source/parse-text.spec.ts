import { describe, expect, it } from 'vitest';
import { ownTimeMs } from '../../../test/support/own-time.js';
import { ThrottleConfigError } from '../../config/fault.js';
import { parseText } from './parse-text.js';

/** Where and why a text is refused. */
function refusalOf(text: string, name = 'krakend.json'): string {
  try {
    parseText(text, name);
  } catch (error) {
    if (!(error instanceof ThrottleConfigError)) throw error;
    const [{ path, found, isSentence }] = error.faults;
    return isSentence ? `${path}: ${found}` : 'no sentence';
  }
  return 'read';
}

describe('JSON input', () => {
  it.each([
    [
      'without a comma',
      '{\n  "version": 3,\n  "endpoints": [\n    { "endpoint": "/a"  "backend": [] }\n  ]\n}',
      'line 4, column 25: a comma is missing before "backend"',
    ],
    [
      'with a comma before the end of an object',
      '{ "version": 3, }',
      'line 1, column 15: a comma too many before "}"',
    ],
    [
      'with a comma before the end of a list',
      '[1,\n2,\n]',
      'line 2, column 2: a comma too many before "]"',
    ],
    ['without a colon', '{ "a" 1 }', 'column 7: a colon is missing after "a"'],
    ['without a value', '{ "a": }', 'column 8: a value is missing before "}"'],
    ['with a bare key', '{ a: 1 }', 'column 3: the key a needs double quotes'],
    ['in single quotes', "{ 'a': 1 }", 'needs double quotes'],
    ['with a value in single quotes', '{ "a": \'b\' }', 'need double quotes'],
    ['with a comment', '{ // so\n "a": 1 }', 'JSON has no comments'],
    ['with a number of another form', '[01]', '01 is no value of JSON'],
    ['with a word of JavaScript', '[NaN]', 'NaN is no value of JSON'],
    ['with a word of Python', '[True]', 'True is no value of JSON'],
    ['with an unknown escape', '["\\x"]', 'is no escape of JSON'],
    ['with an open string', '["a]', 'the string is not closed'],
    ['with a line break in a string', '["a\n"]', 'not closed in its line'],
    [
      'that closes another bracket',
      '{ "a": [1}',
      '"}" stands where "]" is expected',
    ],
    ['with a bracket too many', '{}}', 'one "}" too many'],
    [
      'that is cut',
      '{\n "a": 1',
      'line 2, column 8: the text ends inside the object of line 1; is the file cut?',
    ],
    [
      'that is cut after a key',
      '{ "a":',
      'the text ends here; is the file cut?',
    ],
    [
      'of several values',
      '{ "endpoint": "/a" },\n{ "endpoint": "/b" }',
      'line 1, column 21: the file holds several JSON values; is it a fragment of a flexible configuration?',
    ],
    [
      'of several values in lines',
      '{}\n{}',
      'is it a fragment of a flexible configuration?',
    ],
    ['that is empty', '', 'the text ends here'],
  ])('is rejected with its position: %s', (_, text, said) => {
    expect(refusalOf(text)).toContain(said);
    expect(() => JSON.parse(text) as unknown).toThrow(/JSON/);
  });

  it('is read like Go does, including escapes, numbers and a byte order mark', () => {
    const text = '\uFEFF{ "a": [1.5e3, -0, "\\u00e9\\/", true, null] }';
    expect(parseText(text, 'a.json')).toEqual({
      a: [1500, -0, 'é/', true, null],
    });
  });
});

describe('YAML input', () => {
  it.each([
    ['cut after a key', 'version: 3\nendpoints:\n', 'ends after endpoints:'],
    [
      'cut after a key in a list',
      'endpoints:\n  - endpoint: /a\n  - extra_config:   # soon\n\n',
      'line 3, column 1: the file ends after extra_config:',
    ],
    [
      'with a key twice',
      'a: 1\nb: 2\na: 3',
      'line 3, column 1: the key "a" is there twice',
    ],
    ['of several documents', 'a: 1\n---\nb: 2', 'several YAML documents'],
    ['with a tab', 'a:\n\tb: 1', 'line 2'],
    [
      'that is nested without end',
      `a: ${'['.repeat(100_000)}`,
      'nested deeper',
    ],
    ['of dashes without end', '- '.repeat(100_000), 'nested deeper'],
  ])('is rejected with its position: %s', (_, text, said) => {
    expect(refusalOf(text, 'krakend.yml')).toContain(said);
  });

  it('may have a comma before a closing bracket, as in Go', () => {
    expect(parseText('{ version: 3, }', 'krakend.yaml')).toEqual({
      version: 3,
    });
  });

  it('may contain a template action in a string', () => {
    const text = 'url_pattern: "/a/{{.Resp0_id}}"';
    expect(parseText(text, 'krakend.yaml')).toEqual({
      url_pattern: '/a/{{.Resp0_id}}',
    });
  });
});

describe('input that is neither JSON nor YAML', () => {
  it.each([
    ['krakend.toml', 'version = 3'],
    ['krakend', 'version = 3\nport = 8080\n[[endpoints]]\nendpoint = "/a"'],
    ['the text', '[[endpoints]]\nendpoint = "/a"'],
  ])('is rejected as TOML: %s', (name, text) => {
    expect(refusalOf(text, name)).toBe(
      `${name}: TOML is not read; convert it to JSON or YAML`,
    );
  });

  it.each([
    '{\n "port": {{ .port }}\n}',
    '{\n {{ include "settings" }}\n}',
    '{ "a": 1,\n {{- range $i, $e := .endpoints }} {{ end }} }',
  ])('is rejected as a template: %s', (text) => {
    expect(refusalOf(text, 'krakend.tmpl')).toMatch(
      /^krakend\.tmpl, line 2: This is a template \(.+\)\. Render it with FC_ENABLE=1 FC_OUT=out\.json krakend check -c krakend\.tmpl, then check out\.json$/,
    );
  });
});

describe('hostile input', () => {
  const LENGTH = 60_000;
  it.each([
    ['braces and letters', `{{${'a'.repeat(LENGTH)}`],
    ['braces, blanks and no end', `{{${' '.repeat(LENGTH)}`],
    ['many braces and one end', `${'{{a '.repeat(LENGTH / 4)}}}`],
    ['many braces', '{'.repeat(LENGTH)],
    ['many actions', '{{"'.repeat(LENGTH / 3)],
    ['many lists', '['.repeat(LENGTH)],
    ['an open string', `["${'\\n'.repeat(LENGTH / 2)}`],
    ['quotes', '"'.repeat(LENGTH)],
    ['commas', `[${'1,'.repeat(LENGTH / 2)}`],
    ['colons', 'a: '.repeat(LENGTH / 3)],
    ['blanks', `a:${' '.repeat(LENGTH)}b`],
    ['lines', '\n'.repeat(LENGTH)],
    ['comments', '#\n'.repeat(LENGTH / 2)],
    ['equal signs', 'a.'.repeat(LENGTH / 2)],
    ['keys', Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n')],
  ])('of %s is parsed or rejected in linear time', (_, text) => {
    for (const name of ['a.json', 'a.yaml', 'the text']) {
      const begunMs = ownTimeMs();
      expect(refusalOf(text, name)).not.toBe('no sentence');
      expect(ownTimeMs() - begunMs).toBeLessThan(3000);
    }
  });
});
