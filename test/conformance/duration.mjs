import { goDurationError } from './go-duration-error.mjs';
import { Tally } from './tally.mjs';
import { listAt } from './vector-form.mjs';

/**
 * Nanoseconds must be the recorded ones; of a refused text the fault, and the
 * unit where that is the fault, must be those of Go's error.
 *
 * @param {Record<string, unknown>} content
 * @param {typeof import('nestjs-floodgate/core')} core
 * @returns {Tally}
 */
export function replay(content, core) {
  const tally = new Tally('vectors');
  for (const [index, vector] of listAt(content.vectors, 'vectors').entries()) {
    const title = `vector ${index}`;
    if (typeof vector?.in !== 'string') {
      throw new Error(`${title}, in must be a text`);
    }
    const expected = recorded(vector, title);
    const got = read(core, vector.in);
    const agrees = expected === got;
    const config = { in: vector.in };
    tally.addVector(
      agrees ? undefined : { title, config, events: [], expected, got },
    );
  }
  return tally;
}

function recorded(vector, title) {
  if (typeof vector.error === 'string') return `error ${vector.error}`;
  if (vector.ns !== undefined) return `ns ${vector.ns}`;
  throw new Error(`${title} has neither ns nor error`);
}

function read(core, text) {
  try {
    return `ns ${core.parseDurationNs(text)}`;
  } catch (error) {
    if (!(error instanceof core.DurationSyntaxError)) return `threw ${error}`;
    return `error ${goDurationError(text, error.fault, error.unit)}`;
  }
}
