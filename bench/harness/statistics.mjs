/** The value below which the share `share` of the sorted `values` lies, interpolated. */
function quantile(sorted, share) {
  const at = (sorted.length - 1) * share;
  const below = Math.floor(at);
  const above = Math.ceil(at);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

/**
 * Sums up samples: the median, the quartiles, and the spread, which is the
 * distance between the quartiles as a share of the median.
 */
export function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const median = quantile(sorted, 0.5);
  const low = quantile(sorted, 0.25);
  const high = quantile(sorted, 0.75);
  const spread = median === 0 ? 0 : Math.abs((high - low) / median);
  return { median, low, high, spread, samples: values.length };
}

/**
 * Compares two contestants round by round. Only what was measured in the same
 * round is divided, so a machine that slows down for a while slows both.
 */
export function ratios(numerator, denominator) {
  return summary(numerator.map((value, round) => value / denominator[round]));
}
