import type { ThrottleOptions } from '../../config/schema/throttle-options.schema.js';
import { timeoutText } from './fields.js';

export type BackendOptions = NonNullable<ThrottleOptions['backends']>[string];

/** One use of a backend by an endpoint. */
interface BackendUse {
  readonly key: string;
  readonly index: number;
  readonly hosts: string[];
  /** What the entry has to itself. */
  readonly own: Pick<BackendOptions, 'rateLimit' | 'circuitBreaker'>;
  readonly timeoutNs: bigint;
}

/** Where the file uses a backend. */
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
 * The backends of a file. In KrakenD each entry of each endpoint has its own
 * bucket and breaker, shared with nobody; so an entry that has any becomes a
 * backend by itself. All others at the same hosts are one.
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
    // The deadline of each endpoint bounds its calls; theirs must not be shorter.
    else if (timeoutNs > known.timeoutNs) known.timeoutNs = timeoutNs;
  }

  /** All of them as options, by name. */
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

/** Gives backends the names under which code calls them. */
class BackendNames {
  private readonly taken = new Set<string>();
  private readonly byIdentity = new Map<string, string>();
  /** The number that was given last, by the name before it. */
  private readonly numbers = new Map<string, number>();

  /**
   * The name of all that is called at `hosts` without a limit or breaker of its
   * own: the host, as in `catalog`.
   */
  ofHosts(hosts: readonly string[]): string {
    const { hostname, host } = new URL(hosts[0]);
    return this.free([hostname, host], `hosts ${hosts.join()}`);
  }

  /** The name of one entry with counters of its own: `GET:products.id:catalog`. */
  ofEntry(key: string, hosts: readonly string[], identity: string): string {
    const [method, path] = key.split(' ');
    const words = path.match(/[\w.-]+/g) ?? ['root'];
    const { hostname } = new URL(hosts[0]);
    return this.free([`${method}:${words.join('.')}:${hostname}`], identity);
  }

  /** The first candidate that is free or means the same already, else the last with a number. */
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

/** Only what may stand in a name, its end kept where it is too long. */
function allowedName(text: string, end = ''): string {
  const clean = text.replaceAll(/[^\w.:-]/g, '');
  const name =
    clean.length > NAME_LENGTH
      ? clean.slice(0, NAME_LENGTH - end.length) + end
      : clean;
  return name === '' || name in Object.prototype ? `backend-${name}` : name;
}
