import { inspect } from 'node:util';
import { printable } from '../config/format/text.js';

/**
 * How bad it is: an `error` is protection that is missing or a file that
 * KrakenD cannot run, a `warning` something that surprises, a `note` something
 * to know.
 */
export type Severity = 'error' | 'warning' | 'note';

/** The codes of all findings on a KrakenD file, with how bad each is. */
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

/** The code of a finding; its section in `docs/krakend-findings.md`. */
export type KrakendFindingCode = keyof typeof KRAKEND_SEVERITIES;

/** Something in a KrakenD file that does not do what it appears to say, or that is not imported as it stands. */
export interface KrakendFinding {
  readonly code: KrakendFindingCode;
  readonly severity: Severity;
  /** Where in the file: `endpoints[0].extra_config["qos/ratelimit/router"].every`. */
  readonly path: string;
  /** All places, where one finding stands for several. */
  readonly places?: readonly string[];
  /** What it concerns: `GET /products/{id}`, or `service` for the whole file. */
  readonly subject: string;
  /** What the file says. */
  readonly written: string;
  /** What KrakenD does with it, and what is imported. */
  readonly enforced: string;
  /** What to write, or to do. */
  readonly fix: string;
}

/** The sentences of a finding. */
export type FindingTexts = Pick<KrakendFinding, 'written' | 'enforced' | 'fix'>;

/** A place in a KrakenD file, where findings are reported. */
export class Place {
  private constructor(
    private readonly parent: Place | undefined,
    private readonly step: string | number,
    readonly subject: string,
    private readonly findings: KrakendFinding[],
  ) {}

  /** The root of a file, whose findings go into `findings`. */
  static root(findings: KrakendFinding[]): Place {
    return new Place(undefined, '', 'service', findings);
  }

  /** A place inside this one: a field, or an item of a list. */
  at(step: string | number): Place {
    return new Place(this, step, this.subject, this.findings);
  }

  /** The same place, for a subject of its own. */
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
 * Reports once what holds in several places.
 *
 * @param path where, if not at the first of them
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

/** A value of the file, cut to what fits a line. */
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
