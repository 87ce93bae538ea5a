import { Injectable, Logger } from '@nestjs/common';
import { printable } from './format/text.js';
import { FindingCode } from './schema/throttle-options.schema.js';
import { seeDocs } from '../core/docs-address.js';

/** A valid but questionable setting in a configuration. */
export interface Finding {
  /** A stable code: the heading of its section in `docs/findings.md`, and what `silenceFindings` takes. */
  readonly code: FindingCode;
  /** The problem, in one sentence. */
  readonly sentence: string;
  /** Where the setting is. */
  readonly path: string;
  /** What to write instead. */
  readonly fix: string;
}

/** No line is longer, whatever the names in it. */
const LONGEST_LINE = 4_000;

/** The findings of an application. Each is logged once as a warning, unless silenced. */
@Injectable()
export class Findings {
  private readonly logger = new Logger('Floodgate');
  private readonly found = new Map<string, Finding>();

  /** @param isDraft whether to collect findings without logging them, for a configuration not in force yet */
  constructor(
    private silenced: ReadonlySet<FindingCode>,
    private readonly isDraft = false,
  ) {}

  /** All findings so far, silenced ones included. */
  get all(): readonly Finding[] {
    return [...this.found.values()];
  }

  /** Takes over the findings and silenced codes of a draft that is now in force. */
  adopt(draft: Findings): void {
    this.silenced = draft.silenced;
    this.addAll(draft.all);
  }

  /** Adds several findings. */
  addAll(findings: readonly Finding[]): void {
    for (const finding of findings) this.add(finding);
  }

  /** Adds a finding, unless it is already known. */
  add(finding: Finding): void {
    const identity = `${finding.code} ${finding.path}`;
    if (this.found.has(identity)) return;
    this.found.set(identity, finding);
    if (this.isDraft || this.silenced.has(finding.code)) return;
    const { code, path, sentence, fix } = finding;
    const line = `${path}: ${sentence} ${fix} ${seeDocs('findings', code)}`;
    this.logger.warn(printable(line, LONGEST_LINE));
  }
}
