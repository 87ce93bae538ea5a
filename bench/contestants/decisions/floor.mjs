export const title = 'floor (Map + two Float64Arrays)';

/** The least that a token bucket a client can cost: find it, read the clock, do the arithmetic. */
export function decider({ clients, limit, endpoint }) {
  const { max } = limit;
  const tokensPerMs = 1 / limit.everyMs;
  const slots = new Map();
  const tokens = new Float64Array(clients + 1).fill(max);
  const lastMs = new Float64Array(clients + 1).fill(performance.now());

  function available(slot, nowMs) {
    const filled = tokens[slot] + (nowMs - lastMs[slot]) * tokensPerMs;
    return filled < max ? filled : max;
  }

  function slotOf(key) {
    let slot = slots.get(key);
    if (slot === undefined) slots.set(key, (slot = slots.size + 1));
    return slot;
  }

  function decideClient(key) {
    const nowMs = performance.now();
    const slot = slotOf(key);
    const left = available(slot, nowMs) - 1;
    if (left < 0) return false;
    tokens[slot] = left;
    lastMs[slot] = nowMs;
    return true;
  }

  function decideBoth(key) {
    const nowMs = performance.now();
    const slot = slotOf(key);
    const left = available(slot, nowMs) - 1;
    const leftInAll = available(0, nowMs) - 1;
    if (left < 0 || leftInAll < 0) return false;
    tokens[slot] = left;
    lastMs[slot] = nowMs;
    tokens[0] = leftInAll;
    lastMs[0] = nowMs;
    return true;
  }

  return endpoint ? decideBoth : decideClient;
}
