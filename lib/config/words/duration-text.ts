const UNITS: readonly [text: string, ns: bigint][] = [
  ['h', 3_600_000_000_000n],
  ['m', 60_000_000_000n],
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['us', 1_000n],
];

/** Nanoseconds in the largest unit that holds them whole: `90s`, `250ms`. */
export function durationText(ns: bigint): string {
  if (ns === 0n) return '0s';
  const [unit, size] = UNITS.find(([, size]) => ns % size === 0n) ?? ['ns', 1n];
  return `${ns / size}${unit}`;
}
