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

/** A KrakenD configuration: its text in JSON or YAML, the path or URL of a file, or an object. */
export type KrakendSource = string | URL | object;

/** How to import a KrakenD configuration. */
export interface KrakendImportOptions {
  /** Laid over what is imported, key by key: what this library has and KrakenD has not, or what you decide otherwise. */
  readonly over?: Partial<ThrottleOptions>;
}

/** A KrakenD configuration as this library understands it. */
export interface KrakendImport {
  /** What `ThrottleModule.forRoot` takes. */
  readonly options: ThrottleOptions;
  /** Where KrakenD does something else than its file appears to say, and what is not imported. */
  readonly findings: readonly KrakendFinding[];
  /** Which of `options.backends` each backend of the file became. */
  readonly backends: readonly ImportedUse[];
}

/**
 * Reads a KrakenD configuration of version 2 or 3 into what KrakenD enforces
 * of it, and tells where that is not what the file appears to say.
 *
 * Limits come out under `routes`, for handlers under `@RouterRateLimit()`
 * without arguments. A backend entry with a limit or breaker of its own becomes
 * a backend by itself, such as `GET:products.id:catalog`; all others become one
 * for each host, such as `catalog`.
 *
 * @throws ThrottleConfigError when the source is no KrakenD configuration: broken, of another form, or a Go template
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
 * The same with pauses, in which the event loop serves requests: to read a
 * large file again in an application that is running.
 *
 * @throws ThrottleConfigError when the source is no KrakenD configuration
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
 * The same for what a file says, parsed.
 *
 * @param name what to call it in faults
 * @throws ThrottleConfigError when it is no KrakenD configuration; a string is never taken for a path
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

/** What is laid over the import may be wrong. */
function* requireValid(options: ThrottleOptions): Steps<void> {
  const faults: Fault[] = [];
  yield* checkOptions(options, faults);
  if (faults.length > 0) throw new ThrottleConfigError(faults);
}
