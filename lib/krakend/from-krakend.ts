import { checkOptions } from '../config/check-options.js';
import { Fault, ThrottleConfigError } from '../config/fault.js';
import type { ThrottleOptions } from '../config/schema/throttle-options.schema.js';
import { runAtOnce, runInSlices, Steps } from '../config/steps.js';
import { fieldOf, Section, sectionOf } from './enforced/go-value.js';
import { reportBreakerNames } from './findings/breaker-findings.js';
import { importEndpoints } from './import/endpoints.js';
import { timeoutText } from './import/fields.js';
import { FileContext, fileContext } from './import/file-context.js';
import { ImportedUse } from './import/imported-backends.js';
import { importedServiceLimit } from './import/limits.js';
import {
  poolOptions,
  reportAgents,
  reportSettings,
  serverOptions,
} from './import/service-settings.js';
import { KrakendFinding } from './krakend-finding.js';
import {
  ROUTER_OPTIONS_NAMES,
  sectionNamed,
} from './sections/known-sections.js';
import { reportNames, reportStraySections } from './sections/name-findings.js';
import { krakendSection, readSource } from './source/read-source.js';

/** A KrakenD configuration: JSON or YAML text, the path or URL of a file, or a parsed object. */
export type KrakendSource = string | URL | object;

/** Options of the import. */
export interface KrakendImportOptions {
  /** Options that replace the imported ones, key by key: features that KrakenD lacks, or your own choices. */
  readonly over?: Partial<ThrottleOptions>;
}

/** The result of importing a KrakenD configuration. */
export interface KrakendImport {
  /** Options for `ThrottleModule.forRoot`. */
  readonly options: ThrottleOptions;
  /** Where KrakenD does something other than its file suggests, and what is not imported. */
  readonly findings: readonly KrakendFinding[];
  /** The key in `options.backends` of each backend in the file. */
  readonly backends: readonly ImportedUse[];
}

/**
 * Imports a KrakenD configuration, version 2 or 3. The result is what KrakenD
 * enforces; the findings list where that differs from what the file suggests.
 *
 * Limits become `routes`, for handlers with `@RouterRateLimit()` without
 * arguments. A backend entry with its own limit or breaker becomes a backend of
 * its own, such as `GET:products.id:catalog`; all others become one backend per
 * host, such as `catalog`.
 *
 * @throws ThrottleConfigError if the source is not a KrakenD configuration:
 *   invalid, in another format, or a Go template
 *
 * @example
 * ```ts
 * const { options, findings } = fromKrakend('krakend.json');
 * for (const { severity, subject, enforced } of findings) {
 *   console.warn(`${severity}: ${subject}: ${enforced}`);
 * }
 * export const limits = ThrottleModule.forRoot(options);
 * ```
 */
export function fromKrakend(
  source: KrakendSource,
  { over = {} }: KrakendImportOptions = {},
): KrakendImport {
  return runAtOnce(importInSteps(readSource(source), over));
}

/**
 * Like `fromKrakend`, but lets the event loop serve requests in between: use it
 * to reload a large file while the application runs.
 *
 * @throws ThrottleConfigError if the source is not a KrakenD configuration
 *
 * @example
 * ```ts
 * await throttle.watch('krakend.json', {
 *   read: async (content) => (await fromKrakendAsync(content as object)).options,
 * });
 * ```
 */
export async function fromKrakendAsync(
  source: KrakendSource,
  { over = {} }: KrakendImportOptions = {},
): Promise<KrakendImport> {
  const steps = importInSteps(readSource(source), over);
  return await runInSlices(steps);
}

/**
 * Imports the parsed content of a file.
 *
 * @param name the name of the file in error messages
 * @throws ThrottleConfigError if it is not a KrakenD configuration; a string is
 *   never read as a path
 */
export function importContent(content: unknown, name: string): KrakendImport {
  return runAtOnce(importInSteps(krakendSection(content, name), {}));
}

function* importInSteps(
  section: Section,
  over: Partial<ThrottleOptions>,
): Steps<KrakendImport> {
  const file = fileContext(section);
  const { root, findings, backends } = file;
  const server = serverOptions(root);
  const options: ThrottleOptions = {
    timeout: timeoutText(file.timeoutNs),
    ...serviceOf(file),
    routes: yield* importEndpoints(file),
    backends: backends.options(poolOptions(root)),
    ...(server ? { server } : {}),
    ...over,
  };
  reportAgents(file);
  file.unimported.report(findings);
  reportBreakerNames(file.breakerNames, findings);
  if (Object.keys(over).length > 0) yield* requireValid(options);
  return { options, findings, backends: backends.uses };
}

function serviceOf(file: FileContext): Pick<ThrottleOptions, 'service'> {
  const { root, extra, dialect, unimported } = file;
  const inside = root.place.at('extra_config');
  reportStraySections(root.section, root.place);
  reportNames(extra, 'service', dialect.version, inside);
  unimported.addSections(extra, 'service', dialect.version, inside);
  const router = sectionNamed(ROUTER_OPTIONS_NAMES, extra, dialect.version);
  const routerOptions = sectionOf(fieldOf(extra, router ?? '')) ?? {};
  reportSettings(file, routerOptions, inside.at(router ?? 'router'));
  const service = importedServiceLimit(extra, file, inside);
  return service ? { service: service as ThrottleOptions['service'] } : {};
}

/** The overrides may be invalid, so validates the merged options. */
function* requireValid(options: ThrottleOptions): Steps<void> {
  const faults: Fault[] = [];
  yield* checkOptions(options, faults);
  if (faults.length > 0) throw new ThrottleConfigError(faults);
}
