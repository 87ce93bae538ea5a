import { readFileSync } from 'node:fs';
import { Section, sectionOf } from '../enforced/go-value.js';
import { shown } from '../krakend-finding.js';
import { parseText, refusal } from './parse-text.js';

/**
 * Reads a KrakenD configuration from JSON or YAML text, the path or URL of a
 * file, or an object.
 *
 * @throws ThrottleConfigError if it can't be read, or is not a KrakenD
 *   configuration
 */
export function readSource(source: unknown): Section {
  if (source instanceof URL) return readFile(source, source.href);
  if (typeof source !== 'string') {
    return krakendSection(source, 'the configuration');
  }
  return looksLikePath(source)
    ? readFile(source, source)
    : krakendSection(parseText(source, 'the text'), 'the text');
}

function readFile(path: string | URL, name: string): Section {
  return krakendSection(parseText(readText(path, name), name), name);
}

const LONGEST_PATH = 4096;

/** Tells a path from text: JSON starts with a bracket or contains a brace, and YAML contains a line break, or a colon followed by whitespace. A path has none of these. */
function looksLikePath(source: string): boolean {
  if (source.length > LONGEST_PATH || source.trim() === '') return false;
  return !/^\s*\[|[{\n]|:\s/.test(source);
}

/**
 * Reads the text of a file.
 *
 * @throws ThrottleConfigError that names the file, if it can't be read
 */
export function readText(path: string | URL, name = String(path)): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw refusal(name, readFault(error));
  }
}

/** Explains in plain words why a file can't be read. */
export function readFault(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
      return 'it may not be read';
    default:
      return message;
  }
}

/**
 * Returns the root of a KrakenD configuration.
 *
 * @param name the name of the file in error messages
 * @throws ThrottleConfigError if it is not one; the message says what the
 *   content looks like
 */
export function krakendSection(content: unknown, name: string): Section {
  const section = sectionOf(content);
  if (section && isKrakend(section)) return section;
  throw refusal(
    name,
    `${likeness(content, section)}; a KrakenD configuration is an object with version and endpoints`,
  );
}

/** Whether an object is meant as a KrakenD configuration, valid or not. */
export function isKrakend(root: Section): boolean {
  if (has(root, 'apiversion') && has(root, 'kind')) return false;
  if (has(root, 'endpoints')) return isThere(root, 'endpoints');
  return (
    isThere(root, 'async_agent') ||
    (isThere(root, 'version') && isThere(root, 'extra_config'))
  );
}

/** Whether the root has a field. KrakenD ignores the case of field names. */
function has(root: Section, field: string): boolean {
  return Object.keys(root).some((key) => key.toLowerCase() === field);
}

function isThere(root: Section, field: string): boolean {
  return Object.keys(root).some((key) => {
    const value = root[key];
    const isObject = typeof value === 'object' && value !== null;
    const isSet = field === 'version' ? value !== null : isObject;
    return key.toLowerCase() === field && isSet;
  });
}

/** Options of `ThrottleModule.forRoot` that distinguish them from other files. */
const OWN_OPTIONS = ['routes', 'policies', 'backends', 'service', 'server'];

function likeness(content: unknown, section: Section | undefined): string {
  if (content === undefined || content === null) return 'it is empty';
  if (typeof content === 'string') {
    return `it holds only the text ${shown(content)}; is that the path of another file?`;
  }
  if (Array.isArray(content)) return 'it is a list';
  if (!section) return `it is ${shown(content)}`;
  const other = otherFormat(section);
  if (other) return other;
  if (OWN_OPTIONS.some((key) => isThere(section, key))) {
    return 'it looks like options of ThrottleModule.forRoot';
  }
  if (has(section, 'endpoint') || has(section, 'url_pattern')) {
    return 'it looks like a part of a KrakenD configuration';
  }
  if (has(section, 'endpoints')) {
    return 'it has no list under endpoints; is the file cut?';
  }
  if (has(section, 'version')) return 'it has a version and no endpoints';
  const keys = Object.keys(section);
  const named = keys.slice(0, 5).map((key) => shown(key));
  const more = keys.length > named.length ? ' and others' : '';
  return `it is an object with ${named.join(', ')}${more}`;
}

/** Names the other program or format that a file looks like; `undefined` if it may be a configuration of this library. */
export function otherFormat(section: Section): string | undefined {
  if (Object.keys(section).length === 0) return 'it is an empty object';
  if (has(section, 'apiversion') && has(section, 'kind')) {
    return `it looks like a Kubernetes manifest (${shown(section.kind)})`;
  }
  if (has(section, 'openapi') || has(section, 'swagger')) {
    return 'it looks like an OpenAPI document';
  }
  if (has(section, 'services')) return 'it looks like a Docker Compose file';
  if (has(section, 'dependencies') || has(section, 'scripts')) {
    return 'it looks like a package.json';
  }
  return undefined;
}
