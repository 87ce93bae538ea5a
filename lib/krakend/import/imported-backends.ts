import { BackendNames } from './backend-names.js';
import { timeoutText } from './durations.js';
import { BackendOptions, PoolOptions } from './pool-options.js';

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
  options(pool: PoolOptions): Record<string, BackendOptions> {
    return Object.fromEntries(
      [...this.imported].map(([name, { hosts, own, timeoutNs }]) => [
        name,
        { hosts, ...own, timeout: timeoutText(timeoutNs), ...pool },
      ]),
    );
  }
}
