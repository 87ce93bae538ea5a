/** Two random numbers of 32 bits. Who knows them can find texts that have the same hash. */
export type HashSecret = readonly [number, number];

/** Rounds that end each half of the result. */
const LAST_ROUNDS = 3;
/** Steps after the last pair of characters: the rest of the text and its length, then both halves. */
const LAST_STEPS = 1 + 2 * LAST_ROUNDS;

/** A secret from `random`, which gives numbers from 0 to below 1. */
export function hashSecret(random: () => number = Math.random): HashSecret {
  return [random() * 2 ** 32, random() * 2 ** 32];
}

/**
 * HalfSipHash-1-3 with a result of 64 bits (Aumasson and Bernstein,
 * github.com/veorq/SipHash) of a text in UTF-16, lower bytes first. Who does not
 * know the secret cannot find texts of which even a part of the hash is the same.
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
   * Puts the hash of `text` into `low` and `high`. The round stands here itself,
   * once for the text and once for the end, so that what it works on stays in
   * registers and the loop over the text has nothing to choose.
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
