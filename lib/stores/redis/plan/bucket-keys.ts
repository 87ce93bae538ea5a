import { BucketSpec } from '../../bucket-store.js';

/**
 * Names buckets in Redis: `floodgate:id`, `floodgate:id|client`. What an id may
 * hold is escaped so that the first bar ends it, and no client can choose a key
 * that is the name of another bucket. In a Cluster a hash tag comes before the
 * id: `floodgate:{group}id|client`.
 */
export class BucketKeys {
  private readonly own: string;
  private readonly id: string;

  constructor(
    private readonly prefix: string,
    private readonly spec: BucketSpec,
    private readonly isCluster: boolean,
  ) {
    this.id = spec.id.replace(/[%|]/g, encodeURIComponent);
    this.own = `${this.start(this.tag(''))}${this.id}`;
  }

  /** What decides about the slot: the group of the bucket, else the client, else the bucket itself. */
  tag(client: string): string {
    const { group, keyed, id } = this.spec;
    return group ?? (keyed ? client : id);
  }

  /** The key of the bucket of one client, or of the one that all share. */
  of(client: string): string {
    if (!this.spec.keyed) return this.own;
    if (!this.isCluster || this.spec.group !== undefined) {
      return `${this.own}|${client}`;
    }
    return `${this.start(client)}${this.id}|${client}`;
  }

  /** Beside the bucket, and no bucket's name: ids escape their percent signs. */
  probeOf(client: string): string {
    return `${this.start(this.tag(client))}%probe`;
  }

  private start(tag: string): string {
    // A brace would end the tag early, and an empty one is none.
    const text = tag.replace(/[{}]/g, '_') || '_';
    return this.isCluster ? `${this.prefix}:{${text}}` : `${this.prefix}:`;
  }
}
