/**
 * Plays a match several times, each with processes of its own, and adds the
 * samples up. A process keeps its luck as long as it lives: where its memory
 * lies and what the compiler made of it are worth a tenth and more.
 *
 * @param play plays one sitting; returns the samples of each seat by its name
 */
export async function inSittings(sittings, play) {
  const all = new Map();
  for (let sitting = 0; sitting < sittings; sitting++) {
    for (const [name, samples] of await play()) {
      all.set(name, [...(all.get(name) ?? []), ...samples]);
    }
  }
  return all;
}
