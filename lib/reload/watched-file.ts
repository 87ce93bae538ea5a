import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import { ThrottleConfigError } from '../config/fault.js';
import { printable } from '../config/format/text.js';

/** How soon a changed file is read again, to see whether it is still being written. */
const SETTLED_MS = 100;

const LONGEST_NAME = 500;
const LONGEST_REASON = 2_000;

const logger = new Logger('Floodgate');

/**
 * Reads a file again whenever it changes, until it is closed. It polls: that
 * catches editors that replace the file, symlinks that Kubernetes swaps, and
 * mounts without change events. It compares the content, because times and
 * sizes miss a change that quickly follows another. Doesn't keep the process
 * alive.
 */
export class WatchedFile {
  /** The content at the last check, or why it couldn't be read. */
  private seen = '';
  /** The content, or the reason, that was last acted on. */
  private heeded = '';
  private lastText = '';
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  /**
   * @param apply receives the content; if it throws, the error is logged and
   *   the file stays watched
   * @param everyMs how often to check
   */
  constructor(
    private readonly file: string,
    private readonly apply: (text: string) => void | Promise<void>,
    private readonly everyMs: number,
  ) {}

  /**
   * Applies the content of the file now and after each change.
   *
   * @throws the error of reading or applying it now
   */
  async open(): Promise<void> {
    const text = readFileSync(this.file, 'utf8');
    await this.apply(text);
    if (this.isClosed) return;
    this.seen = this.heeded = this.lastText = text;
    this.lookAfter(this.everyMs);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  private lookAfter(ms: number): void {
    this.timer = setTimeout(() => void this.look(), ms).unref();
  }

  private async look(): Promise<void> {
    const found = await readFile(this.file, 'utf8').catch(asError);
    if (this.isClosed) return;
    const isSettled = String(found) === this.seen;
    this.seen = String(found);
    const isNew = this.seen !== this.heeded;
    if (isNew && isSettled) await this.heed(found);
    if (this.isClosed) return;
    this.lookAfter(isNew && !isSettled ? SETTLED_MS : this.everyMs);
  }

  private async heed(found: string | Error): Promise<void> {
    this.heeded = this.seen;
    try {
      if (found instanceof Error) throw found;
      // After a read error, the same content is no change.
      if (found === this.lastText) return;
      this.lastText = found;
      await this.apply(found);
    } catch (error) {
      const name = printable(this.file, LONGEST_NAME);
      logger.error(`${name} changes nothing: ${reasonOf(error)}`);
    }
  }
}

/** Of faults there is a line for each; the words of anything else may be those of the file. */
function reasonOf(error: unknown): string {
  const { message } = asError(error);
  return error instanceof ThrottleConfigError
    ? message
    : printable(message, LONGEST_REASON);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
