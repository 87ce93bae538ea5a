import { ratios, summary } from './statistics.mjs';

/**
 * A table of one comparison: a line a contestant with the summary of its
 * rounds, how it stands against `against` (named in `lines`), and whatever
 * further columns a line brings.
 */
export function table({
  id,
  title,
  unit,
  lowerIsBetter = false,
  lines,
  against,
}) {
  const reference = lines.find(({ name }) => name === against);
  return {
    id,
    title,
    unit,
    lowerIsBetter,
    against,
    lines: lines.map(({ name, values, columns = {} }) => ({
      name,
      ...summary(values),
      ratio: reference && ratios(values, reference.values),
      columns,
    })),
  };
}

/** The median of one figure over the samples of a seat. */
export function medianOf(samples, figure) {
  return summary(samples.map((sample) => sample[figure])).median;
}

/**
 * How many times faster one seat was than another: by throughput, and by the
 * processor time that each answer took, which a busy machine disturbs less.
 */
export function speedUp(samples, faster, slower) {
  const figures = (name, figure) =>
    samples.get(name).map((sample) => sample[figure]);
  return {
    ...ratios(figures(faster, 'value'), figures(slower, 'value')),
    byProcessorTime: ratios(
      figures(slower, 'cpuUsEach'),
      figures(faster, 'cpuUsEach'),
    ).median,
  };
}
