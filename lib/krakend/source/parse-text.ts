import { LineCounter, parseDocument } from 'yaml';
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

function parsedYaml(text: string, name: string, jsonError: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const [error] = document.errors;
  const looksLikeJson = /^\s*[{[]/.test(text);
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw refusal(
      `${name}, line ${line}, column ${col}`,
      looksLikeJson ? jsonError : error.message.split('\n')[0],
      looksLikeJson ? 'JSON' : 'JSON or YAML',
    );
  }
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    throw refusal(name, (error as Error).message, 'JSON or YAML');
  }
}
