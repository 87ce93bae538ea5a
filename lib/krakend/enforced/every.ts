import {
  DurationSyntaxError,
  parseDurationNs,
} from '../../core/time/duration.js';
import { fieldOf, printed, Section } from './go-value.js';

export const SECOND_NS = 1_000_000_000;

/** How KrakenD took an `every`: as it stands, as a second because it is no duration, or as a second because it is shorter. */
export type EveryFault = 'unreadable' | 'too-short';

/** The window of a limit. */
export interface EnforcedEvery {
  /** For a backend limit it may be 0 or less. */
  readonly ns: number;
  readonly fault?: EveryFault;
}

/** The window of a backend limit: no bound below. */
export function everyOfProxy(section: Section): EnforcedEvery {
  const written = fieldOf(section, 'every');
  if (written === undefined) return { ns: SECOND_NS };
  const ns = durationNs(printed(written));
  return ns === undefined
    ? { ns: SECOND_NS, fault: 'unreadable' }
    : { ns: Number(ns) };
}

/** The window of an endpoint limit: at least a second. */
export function everyOfRouter(section: Section): EnforcedEvery {
  const { ns, fault } = everyOfProxy(section);
  return ns < SECOND_NS ? { ns: SECOND_NS, fault: 'too-short' } : { ns, fault };
}

/** Nothing for a text that is no duration. */
export function durationNs(text: string): bigint | undefined {
  try {
    return parseDurationNs(text);
  } catch (error) {
    if (error instanceof DurationSyntaxError) return undefined;
    throw error;
  }
}
