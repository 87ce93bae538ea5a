import { inspect } from 'node:util';
import {
  KRAKEND_SEVERITIES,
  KrakendFinding,
  KrakendFindingCode,
} from './krakend-finding.js';

/** The texts of a finding. */
export type Remark = Pick<KrakendFinding, 'written' | 'enforced' | 'fix'>;

/** A place in a KrakenD file, to which remarks can be made. */
export class Place {
  constructor(
    readonly path: string,
    readonly subject: string,
    private readonly findings: KrakendFinding[],
  ) {}

  /** A place inside this one: a field, or an item of a list. */
  at(step: string | number): Place {
    return new Place(
      `${this.path}${stepText(step, this.path)}`,
      this.subject,
      this.findings,
    );
  }

  /** The same place, for a subject of its own. */
  about(subject: string): Place {
    return new Place(this.path, subject, this.findings);
  }

  remark(code: KrakendFindingCode, remark: Remark): void {
    this.findings.push({
      code,
      severity: KRAKEND_SEVERITIES[code],
      path: this.path || 'root',
      subject: this.subject,
      ...remark,
    });
  }
}

function stepText(step: string | number, path: string): string {
  if (typeof step === 'number') return `[${step}]`;
  if (!/^\w+$/.test(step)) return `[${shown(step)}]`;
  return path === '' ? step : `.${step}`;
}

const LONGEST_SHOWN = 60;

/** A value of the file, cut to what fits a line. */
export function shown(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : inspect(value, { depth: 1, breakLength: Infinity });
  return text.length > LONGEST_SHOWN
    ? `${text.slice(0, LONGEST_SHOWN)}…`
    : text;
}
