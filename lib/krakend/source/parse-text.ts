import { isMap, isScalar, parseDocument, visit } from 'yaml';
import type { Document } from 'yaml';
import { ThrottleConfigError } from '../../config/fault.js';
import { jsonFault, linePosition } from './json-fault.js';

/**
 * Parses JSON or YAML in linear time. Like KrakenD, it picks the format by the
 * file extension, and by the content if there is none.
 *
 * @param name the name of the file in error messages
 * @throws ThrottleConfigError with the line, if the text is neither, is
 *   truncated, or is a template
 */
export function parseText(text: string, name: string): unknown {
  const content = text.replace(/^\uFEFF/, '');
  const form = formOf(content, name);
  if (form === 'TOML') {
    throw refusal(name, 'TOML is not read; convert it to JSON or YAML');
  }
  return form === 'JSON'
    ? parsedJson(content, name)
    : parsedYaml(content, name);
}

/** The error for a source that can't be read: where, and why, in one sentence. */
export function refusal(path: string, sentence: string): ThrottleConfigError {
  const fault = { path, found: sentence, allowed: '', isSentence: true };
  return new ThrottleConfigError([fault]);
}

type Form = 'JSON' | 'YAML' | 'TOML';

function formOf(text: string, name: string): Form {
  const [, ending] = /\.(json|ya?ml|toml)$/i.exec(name) ?? [];
  switch (ending?.toLowerCase()) {
    case 'json':
      return 'JSON';
    case 'toml':
      return 'TOML';
    case 'yml':
    case 'yaml':
      return 'YAML';
  }
  if (TOML_LINE.test(text.slice(0, 5000))) return 'TOML';
  return /^\s*[{[]/.test(text) || isJson(text) ? 'JSON' : 'YAML';
}

/** `port = 8080` or `[[endpoints]]` at the beginning of a line. */
const TOML_LINE =
  /^(?:[\w"-]+(?:\.[\w"-]+)* *= *(?:["'[{]|[\d+-]|true|false)|\[\[[\w.-]+\]\] *$)/m;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parsedJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const template = templateAction(text, true);
    if (template) throw templateRefusal(text, name, template);
    const fault = jsonFault(text);
    if (!fault) throw refusal(name, (error as Error).message);
    throw refusal(at(name, text, fault.index), fault.sentence);
  }
}

/** The maximum number of expanded aliases: a small file must not become a huge object. */
const MOST_ALIASES = 1000;

function parsedYaml(text: string, name: string): unknown {
  const template = templateAction(text, false);
  if (template) throw templateRefusal(text, name, template);
  requireShallow(text, name);
  // Otherwise the parser compares all keys with each other, and copies the line of each error.
  const document = parseDocument(text, {
    uniqueKeys: false,
    prettyErrors: false,
  });
  const [error] = document.errors;
  if (error) {
    const quoted = templateAction(text, true);
    if (quoted) throw templateRefusal(text, name, quoted);
    throw refusal(at(name, text, error.pos[0]), plainMessage(error.message));
  }
  requireUniqueKeys(document, text, name);
  requireWhole(text, name);
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    throw refusal(name, (error as Error).message);
  }
}

function plainMessage(message: string): string {
  return message.startsWith('Source contains multiple documents')
    ? 'the file holds several YAML documents; keep one'
    : message.split('\n', 1)[0];
}

function at(name: string, text: string, index: number): string {
  const { line, column } = linePosition(text, index);
  return `${name}, line ${line}, column ${column}`;
}

interface Action {
  readonly index: number;
  readonly text: string;
}

const LONGEST_ACTION = 200;
/** How a template action starts: with a variable, a word, a string or a comment. */
const ACTION = /^-?\s*(?:[.$"`(a-zA-Z_]|\/\*)[^{}]*$/;

/**
 * Finds the first action of a Go template, such as `{{ .host }}` or `{{- range
 * … }}`. Inside a string it may be intended: KrakenD itself reads
 * `{{.Resp0_id}}` in a `url_pattern`.
 */
function templateAction(
  text: string,
  alsoInStrings: boolean,
): Action | undefined {
  let close = 0;
  for (
    let index = text.indexOf('{{');
    index >= 0;
    index = text.indexOf('{{', index + 1)
  ) {
    if (close < index + 2) close = text.indexOf('}}', index + 2);
    if (close < 0) return undefined;
    const end = Math.min(close, index + 2 + LONGEST_ACTION);
    const body = text.slice(index + 2, end);
    if (!ACTION.test(body)) continue;
    if (!alsoInStrings && isInString(text, index)) continue;
    return { index, text: `{{${body.replaceAll(/\s+/g, ' ')}}}` };
  }
  return undefined;
}

/** How far to look back for the quote that opens a string. */
const LONGEST_LINE = 1000;

function isInString(text: string, index: number): boolean {
  const before = text.slice(Math.max(0, index - LONGEST_LINE), index);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const isOdd = (quote: string) => line.split(quote).length % 2 === 0;
  return isOdd('"') || isOdd("'") || /^\s*#|\s#/.test(line);
}

function templateRefusal(
  text: string,
  name: string,
  { index, text: action }: Action,
): ThrottleConfigError {
  const { line } = linePosition(text, index);
  return refusal(
    `${name}, line ${line}`,
    `This is a template (${action}). Render it with FC_ENABLE=1 FC_OUT=out.json krakend check -c ${name}, then check out.json`,
  );
}

/** Deeper than any real configuration, and as deep as the parser can go. */
const DEEPEST = 200;

function requireShallow(text: string, name: string): void {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '[' || character === '{') depth++;
    else if ((character === ']' || character === '}') && depth > 0) depth--;
    if (depth > DEEPEST) throw tooDeep(text, name, index);
  }
  const dashes = /^[ \t]*(?:[-?][ \t]+){200}/m.exec(text);
  if (dashes) throw tooDeep(text, name, dashes.index);
}

function tooDeep(text: string, name: string, index: number): Error {
  const where = at(name, text, index);
  return refusal(where, `the file is nested deeper than ${DEEPEST} levels`);
}

/** Refuses duplicate keys, like Go: the second one must not silently replace a limit. */
function requireUniqueKeys(
  document: Document.Parsed,
  text: string,
  name: string,
): void {
  visit(document, {
    Node(_, node) {
      if (!isMap(node)) return;
      const keys = new Set<unknown>();
      for (const { key } of node.items) {
        if (!isScalar(key)) continue;
        if (keys.has(key.value)) {
          throw refusal(
            at(name, text, key.range?.[0] ?? 0),
            `the key ${JSON.stringify(key.value)} is there twice`,
          );
        }
        keys.add(key.value);
      }
    },
  });
}

/** Refuses a truncated file: YAML cut off after a key still parses, with an empty value for that key. */
function requireWhole(text: string, name: string): void {
  let end = text.length;
  while (end > 0) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    const line = text.slice(start, end).trim();
    if (line !== '' && !line.startsWith('#')) {
      const [, key] = /^(?:- )?("?[^"#:]+"?):(?: *#.*)?$/.exec(line) ?? [];
      if (key === undefined) return;
      throw refusal(
        at(name, text, start),
        `the file ends after ${key}: with nothing under it; is it cut?`,
      );
    }
    end = start - 1;
  }
}
