import { Fleet } from '../../stores/fleet.js';

/** A pause is announced again only if it ends at least this much later. */
const NEWS_MS = 250;

/** Shares the pauses that a backend asks for with all instances. */
export class SharedPause {
  private knownUntilMs = -Infinity;

  /** @param topic the name of the pause, the same on every instance */
  constructor(
    private readonly fleet: Fleet,
    private readonly topic: string,
  ) {}

  /** Announces a pause to the other instances, once, even if every call in flight gets the same response. */
  tell(untilMs: number): void {
    if (untilMs <= this.knownUntilMs + NEWS_MS) return;
    this.knownUntilMs = untilMs;
    this.fleet.tell(this.topic, untilMs);
  }

  /** Calls `hear` for each pause from another instance that ends later than the known one. */
  listen(hear: (untilMs: number) => void): void {
    this.fleet.listen(this.topic, (notices) => {
      const untilMs = Math.max(...notices.map((notice) => notice.untilMs));
      if (untilMs <= this.knownUntilMs) return;
      this.knownUntilMs = untilMs;
      hear(untilMs);
    });
  }
}
