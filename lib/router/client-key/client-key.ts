import type { ExecutionContext } from '@nestjs/common';
import { Findings } from '../../config/findings.js';
import { KeyFunction } from '../../config/schema/limit-fields.js';
import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { inboundTransportOf } from '../transport/transports.js';
import { addressKey } from './address-key.js';
import { boundedKey } from './bounded-key.js';
import { ProxyTrust } from './proxy-trust.js';

/** Returns who is calling, as a bounded string; empty if unknown. */
export type ClientKeyReader = (
  context: ExecutionContext,
) => string | Promise<string>;

/** How a key is read; by address unless stated otherwise. */
export type KeySource = Pick<RouterLimit, 'strategy' | 'key' | 'ipv6Prefix'>;

const DEFAULT_IPV6_PREFIX = 64;

/** Requests checked for a proxy: the first 64, then one in 64. */
const FIRST_LOOKS = 64;
const LOOK_EVERY = 64;

/** Reads the client keys of one application. */
export class ClientKeys {
  private readonly trust: ProxyTrust;
  private readonly addresses = new AddressKeys();
  /** Requests that were identified by address. */
  private seen = 0;

  constructor(private readonly findings: Findings) {
    this.trust = new ProxyTrust(findings);
  }

  /**
   * The reader of a limit's strategy.
   *
   * @param policy the name of the limit, for findings
   */
  reader(source: KeySource, policy: string): ClientKeyReader {
    const { strategy = 'ip', key = '', ipv6Prefix } = source;
    if (strategy === 'ip') return this.addressReader(ipv6Prefix);
    if (strategy === 'header') return headerReader(key);
    if (strategy === 'param') return paramReader(key);
    return this.functionReader(strategy, policy);
  }

  /**
   * Reads the address that the framework trusts. IPv6 clients are identified by
   * their network, since one customer gets a whole /64 or more.
   */
  addressReader(ipv6Prefix = DEFAULT_IPV6_PREFIX): ClientKeyReader {
    const keyOf = this.addresses.reader(ipv6Prefix);
    return (context) => {
      const sender = inboundTransportOf(context).sender(context);
      this.seen++;
      // Node parses headers only on access.
      if (this.seen <= FIRST_LOOKS || this.seen % LOOK_EVERY === 0) {
        this.trust.watch(sender);
      }
      const { ip } = sender;
      if (ip) return keyOf(ip);
      this.tellNoAddress(context);
      return '';
    };
  }

  private functionReader(keyOf: KeyFunction, policy: string): ClientKeyReader {
    const checked = (key: unknown) => {
      if (!isKey(key)) this.tellNoText(policy, key);
      return boundedKey(key);
    };
    return (context) => {
      const key: unknown = keyOf(context);
      return isPromise(key) ? Promise.resolve(key).then(checked) : checked(key);
    };
  }

  private tellNoText(policy: string, key: unknown): void {
    this.findings.add({
      code: 'key-not-text',
      path: `strategy of "${policy}"`,
      sentence: `The key function returned ${kindOf(key)}, which is not a key, so the request is treated as having none.`,
      fix: 'Return a string, such as String(id) or id.toString().',
    });
  }

  private tellNoAddress(context: ExecutionContext): void {
    const transport = context.getType<string>();
    this.findings.add({
      code: 'no-address',
      path: `strategy "ip" over ${transport}`,
      sentence:
        'A request arrived without an address, for example over a Unix socket or a message broker, so it is treated as having no key.',
      fix: "Trust the proxy in front (app.set('trust proxy', …) or new FastifyAdapter({ trustProxy: … })), or identify clients by a header or a function.",
    });
  }
}

function headerReader(name: string): ClientKeyReader {
  const header = name.toLowerCase();
  return (context) => boundedKey(ownValue(senderOf(context).headers, header));
}

function paramReader(name: string): ClientKeyReader {
  return (context) => boundedKey(ownValue(senderOf(context).params, name));
}

function senderOf(context: ExecutionContext) {
  return inboundTransportOf(context).sender(context);
}

/** Names such as `constructor` must not find what every object inherits. */
function ownValue(values: unknown, name: string): unknown {
  return typeof values === 'object' &&
    values !== null &&
    Object.hasOwn(values, name)
    ? (values as Record<string, unknown>)[name]
    : undefined;
}

/** Whether a function returned a key. */
function isKey(key: unknown): boolean {
  return (
    key === undefined ||
    key === null ||
    typeof key === 'string' ||
    typeof key === 'number' ||
    typeof key === 'bigint'
  );
}

function isPromise(key: unknown): key is PromiseLike<unknown> {
  return typeof key === 'object' && key !== null && 'then' in key;
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  const { name } = (value.constructor ?? {}) as { name?: unknown };
  const isPlain = typeof name !== 'string' || !/^[\w$]{1,40}$/.test(name);
  return isPlain || name === 'Object' ? 'an object' : `an instance of ${name}`;
}

/** An IPv6 address with its zone and a port. */
const LONGEST = 80;

/** Enough for the connections in use at a time, in a quarter of a megabyte. */
const REMEMBERED = 4096;

/**
 * Reads the addresses of one application. Parsing an IPv6 address takes
 * microseconds, so results are cached: by address, not by socket, which also
 * works for addresses behind a proxy.
 */
class AddressKeys {
  private readonly readers = new Map<number, (address: string) => string>();

  /** The reader for a prefix; all limits with the same prefix share it. */
  reader(ipv6Prefix: number): (address: string) => string {
    const known = this.readers.get(ipv6Prefix);
    if (known) return known;
    const keyOf = memoize(
      (address) => addressKey(address, ipv6Prefix),
      REMEMBERED,
    );
    const made = (address: string) =>
      address.length > LONGEST ? '' : keyOf(address);
    this.readers.set(ipv6Prefix, made);
    return made;
  }
}

/**
 * Caches the results for the latest strings, at most twice `bound` of them: a
 * string that returns before `bound` others have come is still cached.
 */
export function memoize(
  make: (text: string) => string,
  bound: number,
): (text: string) => string {
  let young = new Map<string, string>();
  let old = young;
  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const own = ownText(text);
    const made = old.get(own) ?? make(own);
    if (young.size >= bound) {
      old = young;
      young = new Map();
    }
    young.set(own, made);
    return made;
  };
}

/** The shortest string that V8 may store as a slice of another. */
const SHORTEST_SLICE = 13;

/** A copy in its own memory: a string cut from a long header would keep all of it alive. */
function ownText(text: string): string {
  if (text.length < SHORTEST_SLICE) return text;
  return JSON.parse(JSON.stringify(text)) as string;
}
