import type { Transition } from './evidence.js';

/** A stretch during which a breaker was in one state; `toMs` is Infinity when it never left it. */
export interface Period {
  state: string;
  fromMs: number;
  toMs: number;
}

/** The states that the breaker of a backend went through after its first change. */
export function periodsOf(
  backend: string,
  transitions: readonly Transition[],
): Period[] {
  const own = transitions.filter((one) => one.backend === backend);
  return own.map(({ to, atMs }, index) => ({
    state: to,
    fromMs: atMs,
    toMs: own[index + 1]?.atMs ?? Infinity,
  }));
}
