const DOUBLINGS = 3;
const REPEATS = 2;
/** Four times what linear work would take, for caches that overflow; the square of it is eight times as much. */
const MOST = 4 * 2 ** DOUBLINGS;
/** What takes less is too short to be measured. */
const TOO_SHORT_MS = 15;

/** How much longer something takes when what it is given is eight times as long; 0 where it takes no time worth measuring. */
export function growthOf(
  work: (text: string) => unknown,
  make: (size: number) => string,
  size: number,
): number {
  const [small, large] = [size, size * 2 ** DOUBLINGS].map((count) =>
    shortestMs(work, make(count)),
  );
  return large < TOO_SHORT_MS ? 0 : large / small;
}

/** Whether that is in proportion to the text. */
export function isLinear(growth: number): boolean {
  return growth <= MOST;
}

/** The shortest of some attempts: the others were held up. */
function shortestMs(work: (text: string) => unknown, text: string): number {
  let shortest = Infinity;
  for (let i = 0; i < REPEATS; i++) {
    const began = process.cpuUsage();
    try {
      work(text);
    } catch {
      // What is refused takes time as well.
    }
    // Of the processor: what else the machine does is no part of it.
    const { user, system } = process.cpuUsage(began);
    shortest = Math.min(shortest, (user + system) / 1_000);
    if (shortest < TOO_SHORT_MS) break;
  }
  return shortest;
}
