/** A rate for people: at most three digits behind the point. */
export function figure(value: number): string {
  return value >= 0.001 || value === 0
    ? String(Math.round(value * 1000) / 1000)
    : value.toPrecision(2);
}
