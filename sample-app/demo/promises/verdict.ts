import type { Evidence } from '../evidence.js';

/** What became of one promise. */
export interface Verdict {
  promise: string;
  kept: boolean;
  /** The figures behind it. */
  detail: string;
}

/** Judges by what was seen, and by nothing else. */
export type Judge = (evidence: Evidence) => Verdict;
