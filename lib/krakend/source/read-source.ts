import { readFileSync } from 'node:fs';
import { Section, sectionOf } from '../enforced/go-value.js';
import { shown } from '../krakend-finding.js';
import { parseText, refusal } from './parse-text.js';

/**
 * Reads a KrakenD configuration from its text (JSON or YAML), a path or URL of
 * a file, or an object.
 *
 * @throws ThrottleConfigError when it cannot be read, or is no KrakenD configuration
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

/** A configuration in JSON begins with a bracket or holds a brace, one in YAML a colon and a line break or blank; a path has neither. */
function looksLikePath(source: string): boolean {
  if (source.length > LONGEST_PATH || source.trim() === '') return false;
  return !/^\s*\[|[{\n]|:\s/.test(source);
}

/**
 * The text of a file.
 *
 * @throws ThrottleConfigError that names the file
 */
export function readText(path: string | URL, name = String(path)): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw refusal(name, readFault(error));
  }
}

/** Why a file cannot be read, in plain words. */
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
 * The root of a KrakenD configuration.
 *
 * @param name what to call it in the fault
 * @throws ThrottleConfigError that says what the content looks like
 */
export function krakendSection(content: unknown, name: string): Section {
  const section = sectionOf(content);
  if (section && isKrakend(section)) return section;
  throw refusal(
    name,
    `${likeness(content, section)}; a KrakenD configuration is an object with version and endpoints`,
  );
}

/** Whether an object is meant as a KrakenD configuration, right or wrong. */
export function isKrakend(root: Section): boolean {
  if (has(root, 'apiversion') && has(root, 'kind')) return false;
  if (has(root, 'endpoints')) return isThere(root, 'endpoints');
  return (
    isThere(root, 'async_agent') ||
    (isThere(root, 'version') && isThere(root, 'extra_config'))
  );
}

/** KrakenD reads its own fields in any case of letters. */
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

/** Options of `ThrottleModule.forRoot` that tell them from other files. */
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

/** What a file of another program looks like, which is no configuration of this library either; nothing where it may be one. */
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
