import { readFileSync } from 'node:fs';
import { Section, sectionOf } from '../enforced/go-value.js';
import { parseText } from './parse-text.js';
import { refusal } from './refusal.js';

/**
 * Reads a KrakenD configuration from its text (JSON or YAML), a path or URL of
 * a file, or an object.
 *
 * @throws ThrottleConfigError when it cannot be read or is no object
 */
export function readSource(source: unknown): Section {
  const content = contentOf(source);
  const root = sectionOf(content);
  if (root) return root;
  throw refusal(
    nameOf(source),
    content,
    'a KrakenD configuration: an object with version and endpoints',
  );
}

function contentOf(source: unknown): unknown {
  if (source instanceof URL) return parseText(readText(source), source.href);
  if (typeof source !== 'string') return source;
  return looksLikePath(source)
    ? parseText(readText(source), source)
    : parseText(source, 'the text');
}

/** A configuration in JSON begins with a bracket or holds a brace, one in YAML a colon and a line break or blank; a path has neither. */
function looksLikePath(source: string): boolean {
  return !/^\s*\[|[{\n]|:\s/.test(source) && source.trim() !== '';
}

function readText(path: string | URL): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw refusal(
      String(path),
      error instanceof Error ? error.message : String(error),
      'a file that can be read, or the text of a configuration',
    );
  }
}

function nameOf(source: unknown): string {
  if (source instanceof URL) return source.href;
  return typeof source === 'string' && looksLikePath(source)
    ? source
    : 'the configuration';
}
