import { distance } from 'fastest-levenshtein';
import { extname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { check, Fault, ThrottleConfigError } from '../config/fault.js';
import { optionFindings } from '../config/limit-findings.js';
import {
  ThrottleConfig,
  throttleOptions,
  ThrottleOptions,
} from '../config/schema/throttle-options.schema.js';
import { sectionOf } from '../krakend/enforced/go-value.js';
import { importContent, KrakendImport } from '../krakend/from-krakend.js';
import { parseText } from '../krakend/source/parse-text.js';
import { otherFormat } from '../krakend/source/read-source.js';
import { limitsOfRoute } from '../router/declare/configured-routes.js';
import { NamedPolicies } from '../router/declare/decorator-limits.js';
import { CommandError, fileName, readTextFile } from './files.js';
import { Remark } from './json-output.js';

/** A configuration that was read from a file. */
export interface LoadedConfiguration {
  readonly kind: 'krakend' | 'floodgate';
  readonly options: ThrottleOptions;
  readonly remarks: readonly Remark[];
}

const MODULES = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']);

/**
 * Reads a configuration of KrakenD or of this library.
 *
 * @throws CommandError when the file cannot be read
 * @throws ThrottleConfigError when it is neither, or has faults
 */
export async function loadConfiguration(
  file: string,
  stdin: Readable,
): Promise<LoadedConfiguration> {
  const content = MODULES.has(extname(file))
    ? await defaultExport(file)
    : parseText(await readTextFile(file, stdin), fileName(file));
  const section = sectionOf(content);
  if (section && isOwn(section)) return ownConfiguration(section);
  const { options, findings } = importContent(content, fileName(file));
  return { kind: 'krakend', options, remarks: findings };
}

/**
 * Reads a configuration of KrakenD.
 *
 * @throws CommandError when the file cannot be read
 * @throws ThrottleConfigError when it is none
 */
export async function loadKrakend(
  file: string,
  stdin: Readable,
): Promise<KrakendImport> {
  const name = fileName(file);
  return importContent(parseText(await readTextFile(file, stdin), name), name);
}

/** Keys at the root of a KrakenD file that no configuration of ours has. */
const KRAKEND_KEYS = ['version', '$schema', 'endpoints', 'extra_config'];

/** A key that one letter keeps from being ours means ours, and is a fault. */
function isOwn(content: object): content is ThrottleOptions {
  const keys = Object.keys(content);
  const known = Object.keys(throttleOptions.shape);
  return (
    !keys.some((key) => KRAKEND_KEYS.includes(key)) &&
    !otherFormat(content as Record<string, unknown>) &&
    keys.some((key) => known.some((ours) => distance(key, ours) <= 1))
  );
}

function ownConfiguration(options: ThrottleOptions): LoadedConfiguration {
  const faults: Fault[] = [];
  const config = check(throttleOptions, options, '', faults);
  if (config) faults.push(...policyFaults(config));
  if (!config || faults.length > 0) throw new ThrottleConfigError(faults);
  const remarks = optionFindings(config).map(
    ({ code, path, sentence, fix }): Remark => ({
      code,
      severity: 'warning',
      subject: path,
      path,
      enforced: sentence,
      fix,
    }),
  );
  return { kind: 'floodgate', options, remarks };
}

/** Routes may name policies that are not there, which no schema sees. */
function policyFaults({ routes, policies }: ThrottleConfig): Fault[] {
  const faults: Fault[] = [];
  const sources = { policies: new Map(Object.entries(policies)), faults };
  for (const [key, route] of Object.entries(routes)) {
    limitsOfRoute(key, route, sources as NamedPolicies);
  }
  return faults;
}

async function defaultExport(file: string): Promise<unknown> {
  let module: { default?: unknown };
  try {
    module = (await import(pathToFileURL(resolve(file)).href)) as typeof module;
  } catch (error) {
    const { message } = error as Error;
    const isMissing = message.startsWith('Cannot find module');
    throw new CommandError(
      `${file}: ${isMissing ? 'no such file' : `it cannot be imported: ${message}`}`,
      { cause: error },
    );
  }
  if (module.default === undefined) {
    throw new CommandError(
      `${file}: it has no default export; export the options as default`,
    );
  }
  return module.default;
}
