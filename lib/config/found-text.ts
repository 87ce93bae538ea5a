import { printable } from './words/printable.js';

/** Options whose values, and those of all that stands under them, may be secrets: passwords, private keys, API keys, addresses with credentials. */
const SECRET = words(
  'store url username password keySecret tls passphrase when',
);
/** Options under those whose values are none, with what stands under them. */
const PLAIN = words(
  'decisionBudget hashKeys onStoreFailure instances library prefix lease port database servername rejectUnauthorized',
);

function words(text: string): ReadonlySet<PropertyKey> {
  return new Set(text.split(' '));
}

const LONGEST_FOUND = 60;

/**
 * What stands at a place of a configuration, for a message. Only plain values
 * are shown, and those not where they may be secrets: of an object its keys, of
 * what stands under a secret option, or under a key that nobody knows, its kind.
 *
 * @param path the keys that lead there
 * @param isKnown whether the last of them is a key of the options
 */
export function foundText(
  value: unknown,
  path: readonly PropertyKey[],
  isKnown = true,
): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'object' && value !== null) return objectText(value);
  if (!isKnown || mayBeSecret(path) || hasCredentials(value)) {
    return kindText(value);
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string') return cut(JSON.stringify(value));
  return cut(String(value));
}

function mayBeSecret(path: readonly PropertyKey[]): boolean {
  const last = path.findLast((key) => SECRET.has(key) || PLAIN.has(key));
  return last !== undefined && SECRET.has(last);
}

/** Of an address, or a certificate's key. */
function hasCredentials(value: unknown): boolean {
  return typeof value === 'string' && /[@?#]|-----BEGIN/.test(value);
}

function kindText(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}

function objectText(value: object): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  }
  const { name = '' } = (value.constructor ?? {}) as { name?: string };
  if (name !== '' && name !== 'Object') return `a ${printable(name)}`;
  const keys = Object.keys(value);
  if (keys.length === 0) return 'an empty object';
  return cut(`an object with ${keys.slice(0, 8).join(', ')}`);
}

function cut(text: string): string {
  return printable(text, LONGEST_FOUND);
}
