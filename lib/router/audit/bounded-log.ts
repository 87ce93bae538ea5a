import { Logger } from '@nestjs/common';
import { printable } from '../../config/format/text.js';
import { Clock } from '../../stores/clock.js';

/** No line is longer, whatever the names in it. */
const LONGEST_LINE = 2_000;
const QUIET_MS = 60_000;
/** Subjects are few. If there are more, one line a minute covers the rest. */
const MOST_SUBJECTS = 1000;

interface Subject {
  nextMs: number;
  held: number;
}

/** Warns about each subject at most once a minute, and says how many warnings it suppressed. */
export class BoundedLog {
  private readonly logger = new Logger('Floodgate');
  private readonly subjects = new Map<string, Subject>();

  constructor(private readonly clock: Clock) {}

  /** @param sentence returns the message; called only if it is logged */
  warn(subject: string, sentence: () => string): void {
    const known = this.subjectOf(subject);
    const nowMs = this.clock();
    if (nowMs < known.nextMs) {
      known.held++;
      return;
    }
    const again =
      known.held > 0 ? ` (${known.held} more since the last line)` : '';
    this.logger.warn(`${printable(sentence(), LONGEST_LINE)}${again}`);
    known.nextMs = nowMs + QUIET_MS;
    known.held = 0;
  }

  private subjectOf(subject: string): Subject {
    const name =
      this.subjects.has(subject) || this.subjects.size < MOST_SUBJECTS
        ? subject
        : '';
    const known = this.subjects.get(name) ?? { nextMs: -Infinity, held: 0 };
    this.subjects.set(name, known);
    return known;
  }
}
