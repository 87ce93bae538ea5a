import { Clock } from '../../clock.js';

/** How long a node that did not answer is left alone before it is probed: longer each time, and never so long that its return goes unnoticed for a second. */
const FIRST_REST_MS = 100;
const LONGEST_REST_MS = 400;
/** By how much of itself a rest is longer or shorter, so that the instances of a fleet do not probe together. */
const JITTER = 0.25;
/** Between probes that are answered. */
const BETWEEN_PROBES_MS = 50;

/** How many probes must be answered, most of them in a row, before a node is asked again. */
const FEWEST_PROBES = 2;
/** The same for one that keeps going down. */
const MOST_PROBES = 16;
/** A node that stayed up for so long is steady again. */
const STEADY_MS = 10_000;

/**
 * Whether a node is worth asking. The first failure takes it down: nobody waits
 * for it then, and probes that no request waits for find out whether it answers
 * again. A node that goes down soon after it came back must answer twice as many
 * of them, so that one at the edge of the budget does not flap.
 */
export class NodeHealth {
  isDown = false;
  /** How often it went down. */
  outages = 0;
  private needed = FEWEST_PROBES;
  private upSinceMs = -Infinity;
  private answered = 0;
  private restMs = FIRST_REST_MS;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  /**
   * @param probe asks the node, by a key that lives there: why it would not do, or nothing; never rejects
   * @param onChange told the reason when it goes down, and nothing when it is back
   */
  constructor(
    private readonly probe: (key: string) => Promise<string | undefined>,
    private readonly clock: Clock,
    private readonly onChange: (reason: string | undefined) => void,
  ) {}

  /** It did not answer as it should; `probeKey` is one of its keys. */
  fail(reason: string, probeKey: string): void {
    if (this.isDown || this.isClosed) return;
    const isSteady = this.clock() - this.upSinceMs >= STEADY_MS;
    this.needed = isSteady
      ? FEWEST_PROBES
      : Math.min(2 * this.needed, MOST_PROBES);
    this.isDown = true;
    this.outages++;
    this.answered = 0;
    this.restMs = FIRST_REST_MS;
    this.onChange(reason);
    this.probeLater(probeKey);
  }

  /** Probes no longer. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  private probeLater(key: string): void {
    const restMs = this.restMs * (1 + JITTER * (2 * Math.random() - 1));
    this.timer = setTimeout(
      () => void this.probeNow(key),
      this.answered > 0 ? BETWEEN_PROBES_MS : restMs,
    ).unref();
  }

  private async probeNow(key: string): Promise<void> {
    const reason = await this.probe(key);
    if (this.isClosed) return;
    if (reason !== undefined) {
      // Of a node that was about to come back half is forgotten: this process may have been busy.
      if (this.answered === 0) {
        this.restMs = Math.min(2 * this.restMs, LONGEST_REST_MS);
      }
      this.answered = Math.floor(this.answered / 2);
    } else if (++this.answered >= this.needed) {
      this.isDown = false;
      this.upSinceMs = this.clock();
      return this.onChange(undefined);
    }
    this.probeLater(key);
  }
}
