import { Fleet } from '../../stores/fleet.js';

/** A pause that ends so little later is no news to the others. */
const NEWS_MS = 250;

/** The pauses that a backend asks for, heard by one instance and kept by all. */
export class SharedPause {
  private knownUntilMs = -Infinity;

  /** @param topic what the instances call it */
  constructor(
    private readonly fleet: Fleet,
    private readonly topic: string,
  ) {}

  /** Tells the others of a pause that the backend asked this instance for; once, although every call underway may be answered so. */
  tell(untilMs: number): void {
    if (untilMs <= this.knownUntilMs + NEWS_MS) return;
    this.knownUntilMs = untilMs;
    this.fleet.tell(this.topic, untilMs);
  }

  /** Hears each pause that another instance was asked for, once, unless one that is as long is known. */
  listen(hear: (untilMs: number) => void): void {
    this.fleet.listen(this.topic, (notices) => {
      const untilMs = Math.max(...notices.map((notice) => notice.untilMs));
      if (untilMs <= this.knownUntilMs) return;
      this.knownUntilMs = untilMs;
      hear(untilMs);
    });
  }
}
