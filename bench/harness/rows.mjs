import { targets } from '../targets.mjs';

/** Four digits are more than a run can tell apart. */
const rounded = (value) => Number(value.toPrecision(4));

/** Holds what the suites measured against the targets, in the order of these. */
export function judgedRows(measured) {
  const found = new Map(measured.map((row) => [row.id, row]));
  return targets
    .filter(({ id }) => found.has(id))
    .map((target) => judge(target, found.get(target.id)));
}

/** The rows of a suite that could not be measured, with the reason. */
export function unmeasured(suite, note) {
  const missed = targets.filter((target) => target.suite === suite);
  return missed.map(({ id }) => ({ id, note }));
}

function judge({ id, what, unit, target, isMet }, { median, note, ...row }) {
  if (median === undefined) {
    const value = null;
    return { id, what, unit, value, spread: null, target, met: false, note };
  }
  const { low, high, spread, byProcessorTime } = row;
  const judged = rounded(median);
  return {
    id,
    what,
    unit,
    value: judged,
    spread: rounded(spread),
    range: [rounded(low), rounded(high)],
    ...(byProcessorTime && { byProcessorTime: rounded(byProcessorTime) }),
    target,
    met: isMet(judged),
  };
}
