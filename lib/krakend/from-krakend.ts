import { check, Fault, ThrottleConfigError } from '../config/fault.js';
import {
  throttleOptions,
  ThrottleOptions,
} from '../config/schema/throttle-options.schema.js';
import { KRAKEND_1, KRAKEND_2 } from './enforced/dialect.js';
import { fieldOf, Section, sectionOf } from './enforced/go-value.js';
import { serviceTimeoutNs, timeoutText } from './import/durations.js';
import { FileContext } from './import/import-endpoint.js';
import { ImportedBackends, ImportedUse } from './import/imported-backends.js';
import { importRoutes } from './import/import-routes.js';
import { poolOptions } from './import/pool-options.js';
import { serviceLimit } from './import/route-limits.js';
import { serverOptions } from './import/server-options.js';
import { versionOf } from './import/version.js';
import { KrakendFinding } from './krakend-finding.js';
import { Place } from './place.js';
import { remarkOnBreakerNames } from './remarks/breaker-name-remarks.js';
import { remarkOnNames } from './remarks/name-remarks.js';
import {
  remarkOnRedisPlugin,
  remarkOnSettings,
} from './remarks/setting-remarks.js';
import { readSource } from './source/read-source.js';

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
  /** Where KrakenD does something else than its file appears to say. */
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
 */
export function fromKrakend(
  source: KrakendSource,
  { over = {} }: KrakendImportOptions = {},
): KrakendImport {
  const root = readSource(source);
  const findings: KrakendFinding[] = [];
  const place = new Place('', 'service', findings);
  const version = versionOf(root, place);
  const file: FileContext = {
    root,
    version,
    dialect: version === 2 ? KRAKEND_1 : KRAKEND_2,
    timeoutNs: serviceTimeoutNs(root, place),
    backends: new ImportedBackends(),
  };
  const options: ThrottleOptions = {
    timeout: timeoutText(file.timeoutNs),
    ...serviceOf(root, file, place),
    routes: importRoutes(root, file, place),
    backends: file.backends.options(poolOptions(root, place)),
    ...serverOf(root, place),
    ...over,
  };
  remarkOnSettings(root, place);
  remarkOnBreakerNames(options, file.backends.uses, findings);
  requireValid(options);
  return { options, findings, backends: file.backends.uses };
}

function serviceOf(
  root: Section,
  file: FileContext,
  place: Place,
): Pick<ThrottleOptions, 'service'> {
  const extra = sectionOf(fieldOf(root, 'extra_config')) ?? {};
  const inside = place.at('extra_config');
  remarkOnNames(extra, 'service', file.version, inside);
  remarkOnRedisPlugin(extra, inside);
  const service = serviceLimit(extra, file.dialect, inside);
  return service ? { service: service as ThrottleOptions['service'] } : {};
}

function serverOf(
  root: Section,
  place: Place,
): Pick<ThrottleOptions, 'server'> {
  const server = serverOptions(root, place);
  return server ? { server } : {};
}

/** What is laid over the import may be wrong. */
function requireValid(options: ThrottleOptions): void {
  const faults: Fault[] = [];
  check(throttleOptions, options, '', faults);
  if (faults.length > 0) throw new ThrottleConfigError(faults);
}
