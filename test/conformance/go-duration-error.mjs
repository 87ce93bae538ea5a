const FIRST_NON_ASCII = 0x80;
const BLANK = 0x20;

/**
 * The words in which Go's `time.ParseDuration` reports a fault.
 *
 * @param {string} text the text that is no duration
 * @param {import('nestjs-floodgate/core').DurationFault} fault
 * @param {string} [unit] the unit that is none
 * @returns {string}
 */
export function goDurationError(text, fault, unit) {
  switch (fault) {
    case 'missing-unit':
      return `time: missing unit in duration ${goQuote(text)}`;
    case 'unknown-unit':
      return `time: unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`;
    default:
      return `time: invalid duration ${goQuote(text)}`;
  }
}

/** Go's time package quotes bytes: what is no printable ASCII becomes \xNN. */
function goQuote(text) {
  const quoted = Array.from(new TextEncoder().encode(text), (byte) => {
    if (byte < BLANK || byte >= FIRST_NON_ASCII) {
      return `\\x${byte.toString(16).padStart(2, '0')}`;
    }
    const character = String.fromCharCode(byte);
    return character === '"' || character === '\\'
      ? `\\${character}`
      : character;
  });
  return `"${quoted.join('')}"`;
}
