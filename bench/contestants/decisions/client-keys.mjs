/** Characters of a key: as long as an IPv4 address gets. */
const LENGTH = 15;

/** Writes the key of a client, such as `000.000.010.042`. */
function spell(index) {
  const digits = String(index).padStart(12, '0');
  const parts = [0, 3, 6, 9].map((at) => digits.slice(at, at + 3));
  return parts.join('.');
}

/**
 * The keys of a crowd of clients. Each is read anew from bytes whenever it is
 * asked for, as a server reads one from every request: a flat string without a
 * hash yet, and never the same object as the one a table has stored.
 */
export class ClientKeys {
  #bytes;
  #state = 0x9e3779b9;

  constructor(count) {
    this.count = count;
    this.#bytes = Buffer.alloc(count * LENGTH);
    for (let index = 0; index < count; index++) {
      this.#bytes.latin1Write(spell(index), index * LENGTH, LENGTH);
    }
  }

  key(index) {
    return this.#bytes.latin1Slice(index * LENGTH, (index + 1) * LENGTH);
  }

  /** Fills `keys` with those of the next clients, in an arbitrary order that is the same in every process. */
  refill(keys) {
    for (let i = 0; i < keys.length; i++) keys[i] = this.key(this.#next());
  }

  /** A xorshift. */
  #next() {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % this.count;
  }
}
