import {
  Document,
  isScalar,
  Lexer,
  LineCounter,
  parseDocument,
  visit,
  YAMLMap,
} from 'yaml';
import { printable } from '../../config/words/printable.js';
import { refusal } from './refusal.js';
import { templateLine } from './template-line.js';

/**
 * Parses JSON or YAML.
 *
 * @param name what to call the text in faults
 * @throws ThrottleConfigError with the line, for a Go template and for a text that is neither
 */
export function parseText(text: string, name: string): unknown {
  const json = parsedJson(text);
  if (json.ok) return json.value;
  const template = templateLine(text);
  if (template) {
    throw refusal(
      `${name}, line ${template.line}`,
      `${template.action}, a Go template`,
      'the rendered configuration: run KrakenD with FC_ENABLE=1 and FC_OUT=out.json, and take that file',
    );
  }
  return parsedYaml(text, name, json.error);
}

function parsedJson(
  text: string,
): { ok: true; value: unknown } | { ok: false; error: string } {
  try {
    return { ok: true, value: JSON.parse(text.replace(/^\uFEFF/, '')) };
  } catch (error) {
    return { ok: false, error: (error as Error).message };
  }
}

/** An alias may be followed so many times: a small file must not become a huge one. */
const MOST_ALIASES = 1000;
/** No configuration is nested deeper: each level of a document is one of the stack. */
const DEEPEST = 100;

function parsedYaml(text: string, name: string, jsonError: string): unknown {
  const lineCounter = new LineCounter();
  const looksLikeJson = /^\s*[{[]/.test(text);
  const allowed = looksLikeJson ? 'JSON' : 'JSON or YAML';
  const fault = (offset: number, found: string) => {
    const { line, col } = lineCounter.linePos(offset);
    return refusal(`${name}, line ${line}, column ${col}`, found, allowed);
  };
  if (isTooDeep(text)) {
    const found = `a text that is nested deeper than ${DEEPEST} levels`;
    throw refusal(name, found, allowed);
  }
  // To look for keys that stand twice, and to quote lines in errors, takes the parser time in proportion to the square of the text.
  const options = { lineCounter, uniqueKeys: false, prettyErrors: false };
  const document = parseDocument(text, options);
  const [error] = document.errors;
  if (error) {
    const found = looksLikeJson ? jsonError : error.message.split('\n')[0];
    throw fault(error.pos[0], printable(found));
  }
  const twice = keyThatStandsTwice(document);
  if (twice) throw fault(twice.offset, `the key ${twice.key} twice`);
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    throw refusal(name, (error as Error).message, 'JSON or YAML');
  }
}

/** Whether brackets, or lists in one line, are nested too deep. */
function isTooDeep(text: string): boolean {
  let brackets = 0;
  let inLine = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') brackets++;
    else if (token === ']' || token === '}') brackets--;
    else if (token === '\n') inLine = 0;
    else if (token === '-' || token === '?') inLine++;
    if (brackets > DEEPEST || inLine > DEEPEST) return true;
  }
  return false;
}

/** The first key that a map has twice, and where it stands the second time. */
function keyThatStandsTwice(document: Document.Parsed) {
  let found: { key: string; offset: number } | undefined;
  visit(document, {
    Map(_, { items }: YAMLMap) {
      const known = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (known.has(key.value) && key.value !== '<<') {
          const text = printable(JSON.stringify(key.value));
          found = { key: text, offset: key.range?.[0] ?? 0 };
          return visit.BREAK;
        }
        known.add(key.value);
      }
    },
  });
  return found;
}
