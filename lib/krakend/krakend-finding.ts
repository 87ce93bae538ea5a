import { inspect } from 'node:util';
import { printable } from '../config/format/text.js';

/**
 * How serious a finding is. `error`: protection is missing, or KrakenD can't
 * run the file. `warning`: the behavior is surprising. `note`: good to know.
 */
export type Severity = 'error' | 'warning' | 'note';

/** The codes of all findings on a KrakenD file, with their severity. */
export const KRAKEND_SEVERITIES = {
  'address-can-be-forged': 'warning',
  'agent-not-imported': 'error',
  'backend-not-imported': 'warning',
  'backend-resolved-by-service-discovery': 'warning',
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
  'code-not-imported': 'warning',
  'endpoint-not-imported': 'error',
  'endpoint-twice': 'error',
  'enterprise-only': 'warning',
  'every-not-positive': 'error',
  'every-too-short': 'warning',
  'every-unreadable': 'error',
  'field-unreadable': 'error',
  'field-without-effect': 'warning',
  'figure-cut': 'warning',
  'first-request-refused': 'error',
  'limit-missing': 'error',
  'limit-not-imported': 'error',
  'limit-trips-breaker': 'warning',
  'name-dead': 'error',
  'number-as-text': 'error',
  'partial-answers': 'note',
  'protected-backend-not-imported': 'error',
  'protection-not-imported': 'error',
  'rate-too-high': 'error',
  'rate-zero': 'warning',
  'redis-in-memory': 'warning',
  'router-options-dropped': 'error',
  'scope-wrong': 'error',
  'section-no-object': 'error',
  'sequential-refusal': 'note',
  'setting-not-imported': 'note',
  'shadow-backend': 'note',
  'timeout-as-number': 'error',
  'timeout-negative': 'error',
  'timeout-shared': 'note',
  'timeout-unreadable': 'error',
  'timeout-without-effect': 'warning',
  'timeout-zero': 'warning',
  'trusted-proxies': 'note',
  'version-unknown': 'error',
} as const satisfies Record<string, Severity>;

/** The code of a finding: the heading of its section in `docs/krakend-findings.md`. */
export type KrakendFindingCode = keyof typeof KRAKEND_SEVERITIES;

/** A setting in a KrakenD file that doesn't do what it seems to, or that can't be imported as it is. */
export interface KrakendFinding {
  readonly code: KrakendFindingCode;
  readonly severity: Severity;
  /** Where in the file: `endpoints[0].extra_config["qos/ratelimit/router"].every`. */
  readonly path: string;
  /** All places, if one finding covers several. */
  readonly places?: readonly string[];
  /** What it affects: `GET /products/{id}`, or `service` for the whole file. */
  readonly subject: string;
  /** What the file says. */
  readonly written: string;
  /** What KrakenD does with it, and what is imported. */
  readonly enforced: string;
  /** What to write or do instead. */
  readonly fix: string;
}

/** The texts of a finding. */
export type FindingTexts = Pick<KrakendFinding, 'written' | 'enforced' | 'fix'>;

/** A place in a KrakenD file that findings refer to. */
export class Place {
  private constructor(
    private readonly parent: Place | undefined,
    private readonly step: string | number,
    readonly subject: string,
    private readonly findings: KrakendFinding[],
  ) {}

  /** The root of a file; its findings are added to `findings`. */
  static root(findings: KrakendFinding[]): Place {
    return new Place(undefined, '', 'service', findings);
  }

  /** A place inside this one: a field, or an item of a list. */
  at(step: string | number): Place {
    return new Place(this, step, this.subject, this.findings);
  }

  /** The same place with its own subject. */
  about(subject: string): Place {
    return new Place(this.parent, this.step, subject, this.findings);
  }

  /** `endpoints[0].timeout`; empty at the root. */
  get path(): string {
    return this.parent ? withStep(this.parent.path, this.step) : '';
  }

  report(code: KrakendFindingCode, texts: FindingTexts): void {
    this.findings.push({
      code,
      severity: KRAKEND_SEVERITIES[code],
      path: this.path || 'root',
      subject: inLine(this.subject),
      ...textsInLine(texts),
    });
  }
}

/**
 * Reports one finding for several places.
 *
 * @param path the path to report, if not that of the first place
 */
export function reportOnce(
  code: KrakendFindingCode,
  places: readonly Place[],
  texts: FindingTexts,
  findings: KrakendFinding[],
  path?: string,
): void {
  const subjects = new Set(places.map(({ subject }) => subject));
  const paths = places.map(({ path }) => path || 'root');
  findings.push({
    code,
    severity: KRAKEND_SEVERITIES[code],
    path: path ?? paths[0],
    ...(paths.length > 1 ? { places: paths } : {}),
    subject: subjects.size === 1 ? inLine(places[0].subject) : 'service',
    ...textsInLine(texts),
  });
}

/** No sentence is longer, whatever the names in it. */
const LONGEST_TEXT = 4_000;

/** A finding is printed by whoever reads it, so nothing of the file may stand in it that breaks a line. */
function inLine(text: string): string {
  return printable(text, LONGEST_TEXT);
}

function textsInLine({ written, enforced, fix }: FindingTexts): FindingTexts {
  return {
    written: inLine(written),
    enforced: inLine(enforced),
    fix: inLine(fix),
  };
}

/** No name that KrakenD knows is so long. */
const LONGEST_STEP = 200;

function withStep(path: string, step: string | number): string {
  if (typeof step === 'number') return `${path}[${step}]`;
  if (!/^\w+$/.test(step)) {
    return `${path}[${printable(JSON.stringify(step.slice(0, LONGEST_STEP)), Infinity)}]`;
  }
  return path === '' ? step : `${path}.${step}`;
}

const LONGEST_SHOWN = 60;

/** Formats a value of the file, truncated to one line. */
export function shown(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value.slice(0, LONGEST_SHOWN + 1))
      : inspect(value, {
          depth: 1,
          breakLength: Infinity,
          maxArrayLength: 10,
          maxStringLength: LONGEST_SHOWN,
        });
  return printable(text, LONGEST_SHOWN);
}
