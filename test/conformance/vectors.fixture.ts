import { readFile } from 'node:fs/promises';

export interface BreakerTrace {
  interval_ns: number | string;
  timeout_ns: number | string;
  events: [dtNs: number | string, ...rest: unknown[]][];
}

export interface BreakerVectors {
  traces: BreakerTrace[];
}

/** The text of one of the recorded files. */
export function recordedText(name: string): Promise<string> {
  return readFile(new URL(`../vectors/${name}`, import.meta.url), 'utf8');
}

export async function recordedBreakers(): Promise<BreakerVectors> {
  return JSON.parse(await recordedText('circuit-breaker.json'));
}

/** The same traces with every time `factor` times as long: a breaker cannot tell the difference. */
export function stretched(
  vectors: BreakerVectors,
  factor: bigint,
): BreakerVectors {
  const longer = (ns: number | string) => String(BigInt(ns) * factor);
  return {
    ...vectors,
    traces: vectors.traces.map((trace) => ({
      ...trace,
      interval_ns: longer(trace.interval_ns),
      timeout_ns: longer(trace.timeout_ns),
      events: trace.events.map(([dtNs, ...rest]) => [longer(dtNs), ...rest]),
    })),
  };
}
