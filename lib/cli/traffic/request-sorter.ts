import { LoggedRequest, TrafficRequest } from './request.js';

const SECOND_MS = 1000;
/** So many requests wait to be sorted; more would cost memory, and no log is that far out of order by itself. */
const MOST_WAITING = 10_000;

/**
 * Puts requests into the order of time, as far as the latest ten thousand
 * reach. Most logs know whole seconds only: requests of one second are spread
 * over it evenly, for together they would look like a burst that never was.
 */
export class RequestSorter {
  /** Requests that came after later ones had left. They leave at once, at the time of those. */
  late = 0;
  private readonly bySecond = new Map<number, LoggedRequest[]>();
  private readonly seconds = new SmallestFirst();
  private waiting = 0;
  private lastMs = -Infinity;

  constructor(private readonly sink: (request: TrafficRequest) => void) {}

  addAll(requests: readonly LoggedRequest[]): void {
    for (const request of requests) this.add(request);
    while (this.waiting > MOST_WAITING && this.bySecond.size > 1) {
      this.release();
    }
  }

  /** Hands over all that wait. */
  end(): void {
    while (this.bySecond.size > 0) this.release();
  }

  private add(request: LoggedRequest): void {
    const { atMs = 0 } = request;
    if (atMs < this.lastMs) {
      this.late++;
      this.sink(Object.assign(request, { atMs: this.lastMs }));
      return;
    }
    const second = Math.floor(atMs / SECOND_MS);
    const others = this.bySecond.get(second);
    if (others) others.push(request);
    else {
      this.bySecond.set(second, [request]);
      this.seconds.push(second);
    }
    this.waiting++;
  }

  private release(): void {
    const second = this.seconds.pop();
    const requests = this.bySecond.get(second) ?? [];
    this.bySecond.delete(second);
    this.waiting -= requests.length;
    for (const request of inOrder(second * SECOND_MS, requests)) {
      this.lastMs = request.atMs;
      this.sink(request);
    }
  }
}

/** The requests of one second, each with its time. */
function inOrder(startMs: number, requests: LoggedRequest[]): TrafficRequest[] {
  let rounded = 0;
  for (const { isWholeSecond } of requests) if (isWholeSecond) rounded++;
  let spread = 0;
  let isSorted = true;
  let lastMs = startMs;
  for (const request of requests) {
    if (request.isWholeSecond) {
      request.atMs = startMs + (spread++ * SECOND_MS) / rounded;
    }
    const { atMs = startMs } = request;
    isSorted &&= atMs >= lastMs;
    lastMs = atMs;
  }
  const timed = requests as TrafficRequest[];
  return isSorted ? timed : timed.toSorted((a, b) => a.atMs - b.atMs);
}

/** A binary heap of numbers. */
class SmallestFirst {
  private readonly heap: number[] = [];

  push(value: number): void {
    const { heap } = this;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent] <= value) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = value;
  }

  pop(): number {
    const { heap } = this;
    const smallest = heap[0];
    const value = heap.pop()!;
    if (heap.length === 0) return smallest;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1] < heap[child]) child++;
      if (heap[child] >= value) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = value;
    return smallest;
  }
}
