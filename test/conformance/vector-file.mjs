import { readFileSync } from 'node:fs';

/** A JSON string, or a number; strings come first so that no digits inside one are taken for a number. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Reads a file of vectors.
 *
 * @param {string} path
 * @returns {Record<string, unknown>}
 * @throws Error when it cannot be read or is no JSON object
 */
export function readVectors(path) {
  const content = JSON.parse(keepWholeNumbers(readFileSync(path, 'utf8')));
  if (content === null || typeof content !== 'object') {
    throw new Error('holds no JSON object');
  }
  return content;
}

/** Whole numbers past 2^53 become the decimal strings that a recording should have held. */
function keepWholeNumbers(json) {
  return json.replace(STRING_OR_NUMBER, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token))
      ? `"${token}"`
      : token,
  );
}
