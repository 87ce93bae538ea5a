import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { Logger } from '@nestjs/common';

/** A file that was just written may be written once more. */
const SETTLED_MS = 100;

const logger = new Logger('Floodgate');

/**
 * Reads a file again whenever it changes, until it is closed. It is looked at,
 * not listened to: that finds files which editors put in place of others, links
 * that Kubernetes turns, and files on mounts that tell nobody. Keeps no process
 * alive.
 */
export class WatchedFile {
  private lastText: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param apply takes what the file says; what it throws is logged, and the file stays watched
   * @param everyMs how often to look
   */
  constructor(
    private readonly file: string,
    private readonly apply: (text: string) => void,
    private readonly everyMs: number,
  ) {}

  /**
   * Takes what the file says now, and what it will say.
   *
   * @throws what reading and applying it throw
   */
  open(): void {
    this.read();
    const options = { interval: this.everyMs, persistent: false };
    watchFile(this.file, options, this.onChange);
  }

  close(): void {
    unwatchFile(this.file, this.onChange);
    clearTimeout(this.timer);
  }

  private readonly onChange = (): void => {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.readAgain(), SETTLED_MS).unref();
  };

  private readAgain(): void {
    try {
      this.read();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error(`${this.file} changes nothing: ${reason}`);
    }
  }

  /** The same text again says nothing new. */
  private read(): void {
    const text = readFileSync(this.file, 'utf8');
    if (text === this.lastText) return;
    this.lastText = text;
    this.apply(text);
  }
}
