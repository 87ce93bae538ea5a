import { COMMON_SLOT, SLOT_DOUBLES } from './token-bucket.js';

/** Two random 32-bit numbers. Anyone who knows them can construct strings with the same hash. */
export type HashSecret = readonly [number, number];

/** Rounds that finish each half of the result. */
const LAST_ROUNDS = 3;
/** Steps after the last pair of characters: the rest of the text and its length, then both halves. */
const LAST_STEPS = 1 + 2 * LAST_ROUNDS;

/** A secret from `random`, which returns numbers from 0 to below 1. */
export function hashSecret(random: () => number = Math.random): HashSecret {
  return [random() * 2 ** 32, random() * 2 ** 32];
}

/**
 * HalfSipHash-1-3 with a 64-bit result (Aumasson and Bernstein,
 * github.com/veorq/SipHash) of a string in UTF-16, lower bytes first. Without
 * the secret, nobody can find strings that share even part of their hash.
 */
export class KeyHash {
  /** The lower half of the last hash, as a signed number. */
  low = 0;
  /** The upper half of the last hash, as a signed number. */
  high = 0;

  private readonly secret: Int32Array;

  constructor(secret: HashSecret) {
    this.secret = Int32Array.from(secret);
  }

  /**
   * Puts the hash of `text` into `low` and `high`. The round is inlined, once
   * for the text and once for the end, so that its operands stay in registers
   * and the loop over the text has no branches.
   */
  read(text: string): void {
    const { length } = text;
    const { secret } = this;
    const first = secret[0];
    const second = secret[1];
    let v0 = first;
    let v1 = second ^ 0xee;
    let v2 = first ^ 0x6c796765;
    let v3 = second ^ 0x74656462;
    const paired = length - (length & 1);
    for (let at = 0; at < paired; at += 2) {
      const word = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    let word = length << 25;
    if (paired < length) word |= text.charCodeAt(paired);
    for (let left = LAST_STEPS; left > 0; left--) {
      if (left === 2 * LAST_ROUNDS) {
        v2 ^= 0xee;
      } else if (left === LAST_ROUNDS) {
        this.low = v1 ^ v3;
        v1 ^= 0xdd;
      }
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
      word = 0;
    }
    this.high = v1 ^ v3;
  }
}

/** The first slot of a segment belongs to no key; that of the first segment is the common slot. */
const NO_PLACE = 0;

/** Numbers per slot: the level of its bucket, then both halves of the fingerprint of its key. */
const STRIDE = 2 * SLOT_DOUBLES;
const LOW = STRIDE - 2;
const HIGH = STRIDE - 1;
/** The upper half of an empty slot. */
const FREE = 0;

const FIRST_PLACES = 8;
/** The share of slots that may be in use, so that a lookup seldom leaves the first cache line. */
const MOST_LOAD = 0.7;
/** The share in use at the number of keys that a segment is meant for: lower, so that chance doesn't make it outgrow them. */
const LAST_LOAD = 0.625;

/**
 * The buckets of some fingerprints: a hash table with open addressing and
 * linear probing. A bucket is stored beside its fingerprint, so that a decision
 * waits for memory once, not twice.
 */
export class IndexSegment {
  /** Level and fingerprint of each slot, for `BucketLevels`; replaced when the segment grows. */
  cells!: Float64Array;
  /** A view of the same memory. */
  private prints!: Int32Array;
  private places!: number;
  private placesPerHash!: number;
  private used = 0;

  /**
   * @param part the lowest `partBits` bits of each of its slots; the bits above
   *   are the position
   * @param keys how many keys it is meant for; with more, it grows further
   */
  constructor(
    private readonly part: number,
    private readonly partBits: number,
    private readonly keys: number,
  ) {
    this.allot(FIRST_PLACES);
  }

  /** Fingerprints with a slot. */
  get size(): number {
    return this.used;
  }

  /**
   * The slot of a fingerprint, or the common slot. Most are at their home
   * position or next to it. Both are checked together: a processor that
   * predicts the wrong one waits for memory again.
   */
  find(low: number, high: number): number {
    const { prints } = this;
    const upper = notFree(high);
    const home = this.homeOf(low);
    const at = home * STRIDE;
    const isNotHome = differs(prints, at, low, upper);
    const isNotNext = differs(prints, at + STRIDE, low, upper);
    if ((isNotHome & isNotNext) === 0) return this.slotAt(home + isNotHome);
    return this.findBeyond(home, low, upper);
  }

  /** Assigns a slot to a fingerprint without one. */
  add(low: number, high: number): number {
    if (this.used >= this.places * MOST_LOAD) this.grow();
    this.used++;
    const place = this.freePlace(low);
    this.prints[place * STRIDE + LOW] = low;
    this.prints[place * STRIDE + HIGH] = notFree(high);
    return this.slotAt(place);
  }

  /** Forgets a fingerprint that has a slot. */
  delete(low: number, high: number): void {
    const { prints } = this;
    let hole = this.find(low, high) >>> this.partBits;
    this.used--;
    // Entries behind the hole move into it if a lookup would otherwise miss them.
    for (let place = this.after(hole); ; place = this.after(place)) {
      if (prints[place * STRIDE + HIGH] === FREE) break;
      const home = this.homeOf(prints[place * STRIDE + LOW]);
      if (this.distance(home, place) < this.distance(hole, place)) continue;
      prints.copyWithin(hole * STRIDE, place * STRIDE, (place + 1) * STRIDE);
      hole = place;
    }
    prints[hole * STRIDE + HIGH] = FREE;
  }

  private findBeyond(home: number, low: number, upper: number): number {
    const { prints } = this;
    for (let place = home; ; place = this.after(place)) {
      const at = place * STRIDE;
      if (prints[at + HIGH] === FREE) return COMMON_SLOT;
      if (differs(prints, at, low, upper) === 0) return this.slotAt(place);
    }
  }

  private grow(): void {
    const { prints, places } = this;
    const enough = Math.ceil(this.keys / LAST_LOAD);
    const isLast = places < enough && enough < places * 2;
    this.allot(isLast ? enough : places * 2);
    this.take(prints, NO_PLACE, NO_PLACE);
    for (let place = 1; place <= places; place++) {
      const at = place * STRIDE;
      if (prints[at + HIGH] === FREE) continue;
      this.take(prints, place, this.freePlace(prints[at + LOW]));
    }
  }

  /** Copies an entry from another array, as whole numbers: a double wouldn't preserve every fingerprint. */
  private take(prints: Int32Array, from: number, to: number): void {
    for (let i = 0; i < STRIDE; i++) {
      this.prints[to * STRIDE + i] = prints[from * STRIDE + i];
    }
  }

  private allot(places: number): void {
    this.places = places;
    this.placesPerHash = places / 2 ** 32;
    // One more after the last, always free: the neighbour that lookups check.
    this.cells = new Float64Array((places + 2) * SLOT_DOUBLES);
    this.prints = new Int32Array(this.cells.buffer);
  }

  private freePlace(low: number): number {
    let place = this.homeOf(low);
    while (this.prints[place * STRIDE + HIGH] !== FREE) {
      place = this.after(place);
    }
    return place;
  }

  private slotAt(place: number): number {
    return (place << this.partBits) | this.part;
  }

  /** In the order of the hashes, so that growing walks through memory from one end to the other. */
  private homeOf(low: number): number {
    return (((low >>> 0) * this.placesPerHash) | 0) + 1;
  }

  private after(place: number): number {
    return place === this.places ? 1 : place + 1;
  }

  private distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.places;
  }
}

/** An upper half of 0, which one key in four billion has, becomes 1. */
function notFree(high: number): number {
  return high === FREE ? 1 : high;
}

/** 0 if the entry has the fingerprint, else 1. */
function differs(
  prints: Int32Array,
  at: number,
  low: number,
  upper: number,
): number {
  const bits = (prints[at + LOW] ^ low) | (prints[at + HIGH] ^ upper);
  return (bits | -bits) >>> 31;
}
