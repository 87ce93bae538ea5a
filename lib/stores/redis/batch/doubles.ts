const BYTES = 8;

/** Numbers as the scripts take them: little-endian doubles. */
export function doublesOf(figures: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(figures.length * BYTES);
  figures.forEach((figure, i) => bytes.writeDoubleLE(figure, i * BYTES));
  return bytes;
}

/** One of the doubles that a script replied. */
export function doubleAt(bytes: Buffer, place: number): number {
  return bytes.readDoubleLE(place * BYTES);
}
