/** How an upstream answers: at once, after `delayMs`, or with a 500. */
export interface Behaviour {
  mode: 'ok' | 'slow' | 'fail';
  /** Wait before a slow answer, in milliseconds. */
  delayMs: number;
}

export const HEALTHY: Behaviour = { mode: 'ok', delayMs: 0 };

const MODES: readonly unknown[] = ['ok', 'slow', 'fail'];
const SLOW_MS = 3_000;

/** Reads `{"mode":"slow","delayMs":3000}`; undefined when it is something else. */
export function readBehaviour(json: string): Behaviour | undefined {
  try {
    const { mode, delayMs = SLOW_MS } = JSON.parse(json) as Behaviour;
    if (!MODES.includes(mode) || !(delayMs >= 0)) return undefined;
    return { mode, delayMs };
  } catch {
    return undefined;
  }
}
