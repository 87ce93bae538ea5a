/**
 * How bad it is: an `error` is protection that is missing or a file that
 * KrakenD cannot run, a `warning` something that surprises, a `note` something
 * to know.
 */
export type Severity = 'error' | 'warning' | 'note';

/** The codes of everything that may be remarked on a KrakenD file, with how bad each is. */
export const KRAKEND_SEVERITIES = {
  'address-can-be-forged': 'warning',
  'backend-not-imported': 'warning',
  'breaker-by-default': 'warning',
  'breaker-counts-client-errors': 'note',
  'breaker-missing': 'error',
  'breaker-name-shared': 'warning',
  'breaker-never-opens': 'error',
  'breaker-opens-one-later': 'note',
  'breaker-sees-no-status': 'warning',
  'breaker-stays-open-by-default': 'warning',
  'capacity-by-default': 'warning',
  'capacity-out-of-range': 'error',
  'client-limit-dropped': 'error',
  'client-without-key': 'warning',
  'clients-all-refused': 'error',
  'endpoint-not-imported': 'error',
  'endpoint-twice': 'error',
  'enterprise-only': 'warning',
  'every-not-positive': 'error',
  'every-too-short': 'warning',
  'every-unreadable': 'error',
  'field-without-effect': 'warning',
  'figure-cut': 'warning',
  'first-request-refused': 'error',
  'limit-missing': 'error',
  'limit-not-imported': 'error',
  'limit-trips-breaker': 'warning',
  'name-dead': 'error',
  'number-as-text': 'error',
  'partial-answers': 'note',
  'rate-too-high': 'error',
  'redis-in-memory': 'warning',
  'scope-wrong': 'error',
  'section-no-object': 'error',
  'setting-not-imported': 'note',
  'timeout-as-number': 'error',
  'timeout-negative': 'error',
  'timeout-shared': 'note',
  'timeout-unreadable': 'error',
  'timeout-without-effect': 'warning',
  'timeout-zero': 'warning',
  'version-unknown': 'error',
} as const satisfies Record<string, Severity>;

/** The code of a finding; its section in `docs/krakend-findings.md`. */
export type KrakendFindingCode = keyof typeof KRAKEND_SEVERITIES;

/** A place where KrakenD does something else than the file appears to say. */
export interface KrakendFinding {
  readonly code: KrakendFindingCode;
  readonly severity: Severity;
  /** Where in the file: `endpoints[0].extra_config["qos/ratelimit/router"].every`. */
  readonly path: string;
  /** What it concerns: `GET /products/{id}`, or `service`. */
  readonly subject: string;
  /** What stands there. */
  readonly written: string;
  /** What KrakenD does with it. */
  readonly enforced: string;
  /** What to write to get what was meant. */
  readonly fix: string;
}
