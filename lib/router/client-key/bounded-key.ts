import { createHash } from 'node:crypto';

/** The longest value that is kept unchanged. */
const LONGEST = 64;

/**
 * A client key of bounded size: short strings unchanged, long ones as their
 * SHA-256. The hash form has 65 characters, so no short value can imitate it.
 * Numbers and bigints, which ids often are, are keys too; anything else is a
 * missing key.
 */
export function boundedKey(value: unknown): string {
  const text =
    typeof value === 'number' || typeof value === 'bigint'
      ? String(value)
      : value;
  if (typeof text !== 'string') return '';
  if (text.length <= LONGEST) return text;
  return `#${createHash('sha256').update(text).digest('hex')}`;
}
