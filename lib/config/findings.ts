import { Injectable, Logger } from '@nestjs/common';
import { printable } from './format/text.js';
import { FindingCode } from './schema/throttle-options.schema.js';
import { seeDocs } from '../core/docs-address.js';

/** Something legal but doubtful that the library noticed about a configuration. */
export interface Finding {
  /** Stable; its section in `docs/findings.md`, and what `silenceFindings` takes. */
  readonly code: FindingCode;
  /** What was noticed, in one sentence. */
  readonly sentence: string;
  /** Where. */
  readonly path: string;
  /** What to write instead. */
  readonly fix: string;
}

/** No line is longer, whatever the names in it. */
const LONGEST_LINE = 4_000;

/** All findings of an application, each logged once as a warning unless silenced. */
@Injectable()
export class Findings {
  private readonly logger = new Logger('Floodgate');
  private readonly found = new Map<string, Finding>();

  /** @param isDraft whether they are only noted: those of a configuration that is not in force */
  constructor(
    private silenced: ReadonlySet<FindingCode>,
    private readonly isDraft = false,
  ) {}

  /** Every finding so far, the silenced ones included. */
  get all(): readonly Finding[] {
    return [...this.found.values()];
  }

  /** Takes over those of a draft that is in force now, and what it silences. */
  adopt(draft: Findings): void {
    this.silenced = draft.silenced;
    this.addAll(draft.all);
  }

  /** Takes note of several. */
  addAll(findings: readonly Finding[]): void {
    for (const finding of findings) this.add(finding);
  }

  /** Takes note of a finding; one that is known already changes nothing. */
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
