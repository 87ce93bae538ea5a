import { Notice, NoticeListener } from '../../fleet.js';

/** Nothing is believed for longer, whatever anybody says. */
const LONGEST_MS = 86_400_000;

/** A notice as it was heard first. */
interface Heard extends Notice {
  readonly topic: string;
  /** The instant at which it ends by the clock of Redis: another one makes it another notice. */
  readonly endsAt: string;
}

/**
 * What this instance says to the others and what they say to it. Redis is told
 * until it lists what this instance says, and no more: so a notice that was lost
 * on the way, or with Redis' data, is put up again.
 */
export class NoticeBoard {
  private readonly own = new Map<string, number>();
  /** Topics of which Redis does not know what this instance says. */
  private readonly untold = new Set<string>();
  private readonly listeners = new Map<string, NoticeListener[]>();
  private heard = new Map<string, Heard>();

  /** @param self the name of this instance, without a bar */
  constructor(private readonly self: string) {}

  get hasListeners(): boolean {
    return this.listeners.size > 0;
  }

  tell(topic: string, untilMs: number): void {
    this.own.set(topic, untilMs);
    this.untold.add(topic);
  }

  listen(topic: string, hear: NoticeListener): void {
    this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), hear]);
  }

  /** What Redis is to be told: texts, each with the milliseconds for which it holds. */
  takeUntold(nowMs: number): string[] {
    const args: string[] = [];
    for (const topic of this.untold) {
      const leftMs = Math.ceil((this.own.get(topic) ?? nowMs) - nowMs);
      if (leftMs <= 0) this.own.delete(topic);
      const holdsMs = Math.min(Math.max(leftMs, 0), LONGEST_MS);
      args.push(`${this.self}|${encodeURIComponent(topic)}`, String(holdsMs));
    }
    this.untold.clear();
    return args;
  }

  /** Takes in what Redis listed, and tells whoever listens. */
  hear(reply: string, instances: number, nowMs: number): void {
    const listed = new Set<string>();
    const before = this.heard;
    this.heard = new Map();
    for (const line of reply.split('\n')) {
      const [leftMs, endsAt, text = ''] = line.split(' ');
      const bar = text.indexOf('|');
      const [from, topic] = [text.slice(0, bar), topicOf(text.slice(bar + 1))];
      if (from === this.self) listed.add(topic);
      else if (this.listeners.has(topic) && Number(leftMs) > 0) {
        const known = before.get(text);
        const untilMs = nowMs + Math.min(Number(leftMs), LONGEST_MS);
        const isKnown = known?.endsAt === endsAt;
        this.heard.set(
          text,
          isKnown ? known : { from, topic, untilMs, endsAt },
        );
      }
    }
    this.compare(listed, nowMs);
    this.tellListeners(instances);
  }

  /** Finds what Redis should list and does not, or the other way round. */
  private compare(listed: ReadonlySet<string>, nowMs: number): void {
    for (const [topic, untilMs] of this.own) {
      if (untilMs <= nowMs) this.own.delete(topic);
      else if (!listed.has(topic)) this.untold.add(topic);
    }
    for (const topic of listed) {
      if (!this.own.has(topic)) this.untold.add(topic);
    }
  }

  private tellListeners(instances: number): void {
    const notices = [...this.heard.values()];
    for (const [topic, listeners] of this.listeners) {
      const said = notices.filter((notice) => notice.topic === topic);
      for (const hear of listeners) hear(said, instances);
    }
  }
}

function topicOf(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
