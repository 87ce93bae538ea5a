import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { optionFindings } from '../../config/option-findings.js';
import { check, Fault, ThrottleConfigError } from '../../config/fault.js';
import {
  throttleOptions,
  ThrottleOptions,
} from '../../config/schema/throttle-options.schema.js';
import { importContent } from '../../krakend/from-krakend.js';
import { sectionOf } from '../../krakend/enforced/go-value.js';
import { parseText } from '../../krakend/source/parse-text.js';
import { otherFormat } from '../../krakend/source/read-source.js';
import { failed, textOf } from './attempt.js';
import { Loaded, Remark } from './loaded.js';
import { policyFaults } from './policy-faults.js';

const MODULES = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']);

/**
 * Reads a configuration of KrakenD or of this library.
 *
 * @throws ThrottleConfigError when it cannot be read, is neither, or has faults
 */
export async function loadConfiguration(file: string): Promise<Loaded> {
  const content = MODULES.has(extname(file))
    ? await defaultExport(file)
    : parseText(textOf(file), file);
  const section = sectionOf(content);
  return section && !isKrakend(section) && !otherFormat(section)
    ? ownConfiguration(section)
    : krakendConfiguration(content, file);
}

/** Keys at the root of a KrakenD file that no configuration of ours has. */
const KRAKEND_KEYS = ['version', '$schema', 'endpoints', 'extra_config'];

function isKrakend(content: object): boolean {
  return KRAKEND_KEYS.some((key) => Object.hasOwn(content, key));
}

function krakendConfiguration(content: unknown, file: string): Loaded {
  const { options, findings } = importContent(content, file);
  return { kind: 'krakend', options, remarks: findings };
}

function ownConfiguration(options: ThrottleOptions): Loaded {
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

async function defaultExport(file: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(resolve(file)).href)) as {
      default?: unknown;
    };
    return module.default;
  } catch (error) {
    throw failed(file, 'a module that this Node can import', error);
  }
}
