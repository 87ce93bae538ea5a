/**
 * Replays the events of one trace until one disagrees, and counts it.
 *
 * @param {import('./tally.mjs').Tally} tally
 * @param {{ title: string, config: object, events: unknown[] }} trace
 * @param {(event: unknown, where: string) => { expected: string, got: string }} step
 */
export function replayTrace(tally, { title, config, events }, step) {
  for (const [index, event] of events.entries()) {
    const { expected, got } = step(event, `${title}, event ${index}`);
    if (expected !== got) {
      const upToIt = events.slice(0, index + 1);
      const disagreement = { title, config, events: upToIt, expected, got };
      tally.addTrace(index, events.length, disagreement);
      return;
    }
  }
  tally.addTrace(events.length, events.length);
}
