/** The most keys that one map is meant to hold. It copies all of them when it grows: about 2 ms for so many, seconds for ten million. */
const KEYS_OF_A_MAP = 32_768;

/**
 * The slot of each key, in as many maps as the bound asks for, so that no map
 * ever grows so large that a caller waits while it is copied.
 */
export class SlotIndex {
  private readonly maps: readonly Map<string, number>[];
  private readonly mask: number;
  private keys = 0;

  constructor(maxKeys: number) {
    let maps = 1;
    while (maps * KEYS_OF_A_MAP < maxKeys) maps *= 2;
    this.maps = Array.from({ length: maps }, () => new Map<string, number>());
    this.mask = maps - 1;
  }

  /** Keys that have a slot. */
  get size(): number {
    return this.keys;
  }

  /** Keys in each of the maps. */
  sizes(): number[] {
    return this.maps.map(({ size }) => size);
  }

  get(key: string): number | undefined {
    return this.mapOf(key).get(key);
  }

  /** Gives a slot to a key that has none. */
  add(key: string, slot: number): void {
    this.mapOf(key).set(key, slot);
    this.keys++;
  }

  /** Forgets a key that has a slot. */
  delete(key: string): void {
    this.mapOf(key).delete(key);
    this.keys--;
  }

  private mapOf(key: string): Map<string, number> {
    return this.maps[this.mask === 0 ? 0 : hashOf(key) & this.mask];
  }
}

/** FNV-1a, its upper bits folded into the lower: those of the product hang on few characters. Who aims at one map only makes it as slow as one map for all. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  }
  return hash ^ (hash >>> 15);
}
