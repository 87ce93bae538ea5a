import type { Phase } from './phases.js';
import { Tally } from './tally.js';

/** Shows how the demo gets on. */
export interface Progress {
  begin(phase: Phase): void;
  /** One more answer. */
  count(status: number): void;
  /** Something worth a line of its own. */
  note(text: string): void;
  end(): void;
}

/** A live line on a terminal, plain lines anywhere else. */
export function progressOn(out: NodeJS.WriteStream): Progress {
  return out.isTTY ? new LiveLine(out) : new PlainLines(out);
}

const REDRAW_MS = 100;
const LINE_EVERY_MS = 1_000;
const CLEAR_LINE = '\r\x1b[2K';
const BAR = 20;

abstract class Lines implements Progress {
  protected phase!: Phase;
  private startMs = 0;
  private tally = new Tally();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    protected readonly out: NodeJS.WriteStream,
    private readonly drawEveryMs: number,
  ) {}

  protected abstract draw(): void;
  abstract note(text: string): void;

  begin(phase: Phase): void {
    this.phase = phase;
    this.startMs = performance.now();
    this.tally = new Tally();
    this.timer = setInterval(() => this.draw(), this.drawEveryMs);
  }

  count(status: number): void {
    this.tally.add(status);
  }

  end(): void {
    clearInterval(this.timer);
    this.draw();
  }

  protected get seconds(): number {
    return (performance.now() - this.startMs) / 1000;
  }

  protected get line(): string {
    const title = this.phase.title.padEnd(26);
    return `${title}${this.seconds.toFixed(1).padStart(4)} s  ${this.tally}`;
  }
}

class LiveLine extends Lines {
  constructor(out: NodeJS.WriteStream) {
    super(out, REDRAW_MS);
  }

  override end(): void {
    super.end();
    this.show(1);
    this.out.write('\n');
  }

  note(text: string): void {
    this.out.write(`${CLEAR_LINE}  ${text}\n`);
  }

  protected draw(): void {
    this.show(Math.min(1, this.seconds / this.phase.seconds));
  }

  private show(done: number): void {
    const filled = Math.round(done * BAR);
    const bar = '━'.repeat(filled) + '╌'.repeat(BAR - filled);
    // A line that wraps could not be drawn over.
    const line = `${bar} ${this.line}`.slice(0, this.out.columns - 1);
    this.out.write(CLEAR_LINE + line);
  }
}

class PlainLines extends Lines {
  constructor(out: NodeJS.WriteStream) {
    super(out, LINE_EVERY_MS);
  }

  note(text: string): void {
    this.out.write(`  ${text}\n`);
  }

  protected draw(): void {
    this.out.write(`${this.line}\n`);
  }
}
