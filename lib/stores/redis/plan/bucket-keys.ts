import { createHmac } from 'node:crypto';
import { BucketSpec } from '../../bucket-store.js';

/** 160 bits: nobody finds two keys of one hash, and more would only be longer. */
const HASH_CHARACTERS = 27;

/** How keys are written in Redis. */
export interface KeyWriting {
  /** What every key begins with. */
  readonly prefix: string;
  /** Whether hash tags decide about slots. */
  readonly isCluster: boolean;
  /** What the keys of clients that may be secrets are hashed with; readable without. */
  readonly secret?: string;
}

/**
 * Names buckets in Redis: `floodgate:id`, `floodgate:id|client`. What an id may
 * hold is escaped so that the first bar ends it, and no client can choose a key
 * that is the name of another bucket. In a Cluster a hash tag comes before the
 * id: `floodgate:{group}id|client`. A client that may be a secret stands there as
 * its keyed hash.
 */
export class BucketKeys {
  private readonly own: string;
  private readonly id: string;

  constructor(
    private readonly writing: KeyWriting,
    private readonly spec: BucketSpec,
  ) {
    this.id = spec.id.replace(/[%|]/g, encodeURIComponent);
    this.own = `${this.start(this.tagOf(''))}${this.id}`;
  }

  /** What decides about the slot: the group of the bucket, else the client, else the bucket itself. */
  tag(client: string): string {
    return this.tagOf(this.spec.keyed ? this.shown(client) : '');
  }

  /** The key of the bucket of one client, or of the one that all share. */
  of(client: string): string {
    if (!this.spec.keyed) return this.own;
    const shown = this.shown(client);
    if (!this.writing.isCluster || this.spec.group !== undefined) {
      return `${this.own}|${shown}`;
    }
    return `${this.start(shown)}${this.id}|${shown}`;
  }

  /** Beside the bucket, and no bucket's name: ids escape their percent signs. */
  probeOf(client: string): string {
    return `${this.start(this.tag(client))}%probe`;
  }

  /** A client as it may be written. */
  private shown(client: string): string {
    const { secret } = this.writing;
    if (!this.spec.hidesKeys || secret === undefined) return client;
    const hash = createHmac('sha256', secret).update(client);
    return hash.digest('base64url').slice(0, HASH_CHARACTERS);
  }

  private tagOf(shown: string): string {
    const { group, keyed, id } = this.spec;
    return group ?? (keyed ? shown : id);
  }

  private start(tag: string): string {
    const { prefix, isCluster } = this.writing;
    // A brace would end the tag early, and an empty one is none.
    const text = tag.replace(/[{}]/g, '_') || '_';
    return isCluster ? `${prefix}:{${text}}` : `${prefix}:`;
  }
}
