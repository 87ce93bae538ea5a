import type { Arrival } from '../upstreams/arrivals.js';
import type { PhaseName } from './phases.js';

/** The backends of the storefront. */
export type BackendName = 'catalog' | 'prices';

/** One answer of the gateway to one of our callers. Times are monotonic milliseconds of the machine. */
export interface Answer {
  phase: PhaseName;
  /** Who asked, by kind: `greedy`, `polite`, `search`, … */
  group: string;
  sentMs: number;
  answeredMs: number;
  /** 0 when there was no answer at all. */
  status: number;
  contentType: string;
  retryAfter: string | undefined;
  /** A product page that had to do without its price. */
  withoutPrice: boolean;
}

/** A breaker that changed its state. */
export interface Transition {
  backend: string;
  from: string;
  to: string;
  atMs: number;
}

/** A stretch of the demo. */
export interface PhaseTimes {
  name: PhaseName;
  startMs: number;
  endMs: number;
}

/** Everything that was seen; the promises are judged by it alone. */
export interface Evidence {
  phases: PhaseTimes[];
  answers: Answer[];
  arrivals: Record<BackendName, Arrival[]>;
  transitions: Transition[];
  /** Whether every process ended by itself when asked to. */
  endedByThemselves: boolean;
}
