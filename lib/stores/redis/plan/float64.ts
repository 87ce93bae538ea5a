const BYTES = 8;
const IS_LITTLE_ENDIAN = true;

/** Numbers as the scripts take them: little-endian doubles. */
export function encodeFloat64s(figures: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(figures.length * BYTES);
  const view = viewOf(bytes);
  for (let i = 0; i < figures.length; i++) {
    view.setFloat64(i * BYTES, figures[i], IS_LITTLE_ENDIAN);
  }
  return bytes;
}

/** The doubles that a script replied, as many as the bytes hold. */
export function decodeFloat64s(bytes: Buffer): number[] {
  const view = viewOf(bytes);
  const figures: number[] = [];
  for (let at = 0; at + BYTES <= bytes.length; at += BYTES) {
    figures.push(view.getFloat64(at, IS_LITTLE_ENDIAN));
  }
  return figures;
}

/** Several times as fast as the methods of a Buffer. */
function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
