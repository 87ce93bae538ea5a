import type { ThrottleOptions } from '../../config/schema/throttle-options.schema.js';
import { timeoutText } from './fields.js';

export type BackendOptions = NonNullable<ThrottleOptions['backends']>[string];

/** A backend entry of an endpoint. */
interface BackendUse {
  readonly key: string;
  readonly index: number;
  readonly hosts: string[];
  /** The limit and the breaker that belong to this entry alone. */
  readonly own: Pick<BackendOptions, 'rateLimit' | 'circuitBreaker'>;
  readonly timeoutNs: bigint;
}

/** A place where the file uses a backend. */
export interface ImportedUse {
  readonly backend: string;
  readonly key: string;
  readonly index: number;
}

interface Imported {
  readonly hosts: string[];
  readonly own: BackendUse['own'];
  timeoutNs: bigint;
}

/**
 * The backends of a file. In KrakenD, each backend entry has its own bucket and
 * breaker, shared with no other entry; so an entry with a limit or breaker
 * becomes a backend of its own. All other entries with the same hosts become
 * one backend.
 */
export class ImportedBackends {
  readonly uses: ImportedUse[] = [];
  private readonly names = new BackendNames();
  private readonly imported = new Map<string, Imported>();

  add({ key, index, hosts, own, timeoutNs }: BackendUse): void {
    const isOwn = Object.keys(own).length > 0;
    const name = isOwn
      ? this.names.ofEntry(key, hosts, `${key} ${index}`)
      : this.names.ofHosts(hosts);
    this.uses.push({ backend: name, key, index });
    const known = this.imported.get(name);
    if (!known) this.imported.set(name, { hosts, own, timeoutNs });
    // The endpoint's deadline bounds its calls; the shared backend's timeout must not be shorter.
    else if (timeoutNs > known.timeoutNs) known.timeoutNs = timeoutNs;
  }

  /** All backends as options, by name. */
  options(pool: Partial<BackendOptions>): Record<string, BackendOptions> {
    return Object.fromEntries(
      [...this.imported].map(([name, { hosts, own, timeoutNs }]) => [
        name,
        { hosts, ...own, timeout: timeoutText(timeoutNs), ...pool },
      ]),
    );
  }
}

const NAME_LENGTH = 64;

/** Chooses the names by which code calls the backends. */
class BackendNames {
  private readonly taken = new Set<string>();
  private readonly byIdentity = new Map<string, string>();
  /** The last number appended to each name. */
  private readonly numbers = new Map<string, number>();

  /**
   * The name of the backend for all entries with these `hosts` and no limit or
   * breaker of their own: the host name, such as `catalog`.
   */
  ofHosts(hosts: readonly string[]): string {
    const { hostname, host } = new URL(hosts[0]);
    return this.free([hostname, host], `hosts ${hosts.join()}`);
  }

  /** The name of an entry with its own limit or breaker: `GET:products.id:catalog`. */
  ofEntry(key: string, hosts: readonly string[], identity: string): string {
    const [method, path] = key.split(' ');
    const words = path.match(/[\w.-]+/g) ?? ['root'];
    const { hostname } = new URL(hosts[0]);
    return this.free([`${method}:${words.join('.')}:${hostname}`], identity);
  }

  /** Returns the name already given to `identity`, else the first free candidate, else the last one with a number. */
  private free(candidates: readonly string[], identity: string): string {
    const known = this.byIdentity.get(identity);
    if (known !== undefined) return known;
    const allowed = candidates.map((text) => allowedName(text));
    const name =
      allowed.find((name) => !this.taken.has(name)) ??
      this.numbered(allowed.at(-1)!);
    this.taken.add(name);
    this.byIdentity.set(identity, name);
    return name;
  }

  private numbered(name: string): string {
    for (let n = (this.numbers.get(name) ?? 1) + 1; ; n++) {
      const numbered = allowedName(`${name}:${n}`, `:${n}`);
      if (this.taken.has(numbered)) continue;
      this.numbers.set(name, n);
      return numbered;
    }
  }
}

/** Removes characters that a name can't contain, and truncates a long name, keeping `end`. */
function allowedName(text: string, end = ''): string {
  const clean = text.replaceAll(/[^\w.:-]/g, '');
  const name =
    clean.length > NAME_LENGTH
      ? clean.slice(0, NAME_LENGTH - end.length) + end
      : clean;
  return name === '' || name in Object.prototype ? `backend-${name}` : name;
}
