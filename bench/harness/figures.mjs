/** A figure as people read it: three digits that count, thousands apart. */
export function figure(value) {
  if (value === null || value === undefined) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return Number(value.toPrecision(3)).toString();
}

/** A spread, which is a share of the median. */
export function percent(share) {
  return `±${(share * 50).toFixed(1)} %`;
}
