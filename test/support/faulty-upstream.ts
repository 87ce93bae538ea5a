import {
  after,
  answer,
  busy,
  closeAfter,
  fail,
  garbage,
  halfHeader,
  huge,
  neverAnswer,
  resetAfter,
  trickle,
} from './backend-behaviours.js';
import type { Behaviour } from './backend-behaviours.js';
import { upstreamForTest } from './backend-under-test.js';
import type { CallEnd } from './call-ends.js';
import type { Listening, Upstream } from './upstream.js';

/** One way to fail, and how a call of `FAULT_DEADLINE_MS` must end that meets it. */
export interface Fault {
  readonly behaviour: Behaviour;
  readonly end: CallEnd;
}

/** The deadline that the faults are made for: what is late comes well after it, what is slow well before. */
export const FAULT_DEADLINE_MS = 250;

const TIMEOUT: CallEnd = 'BackendTimeoutException';
const UNREACHABLE: CallEnd = 'BackendUnreachableException';

/** Everything that an upstream does to a request once it is connected, by path; two of them are no faults, for comparison. */
export const faults = {
  '/fine': { behaviour: answer(), end: '200' },
  '/slow': { behaviour: after(100, answer()), end: '200' },
  '/late': { behaviour: after(600, answer()), end: TIMEOUT },
  '/never': { behaviour: neverAnswer(), end: TIMEOUT },
  '/trickle': { behaviour: trickle(2000), end: TIMEOUT },
  '/half-header': { behaviour: halfHeader(), end: TIMEOUT },
  '/reset': { behaviour: resetAfter(0), end: UNREACHABLE },
  '/reset-later': { behaviour: resetAfter(300), end: UNREACHABLE },
  '/closed-early': { behaviour: closeAfter(300), end: UNREACHABLE },
  '/garbage': { behaviour: garbage(), end: UNREACHABLE },
  '/500': { behaviour: fail(500), end: '500' },
  '/busy': { behaviour: busy('1'), end: '503' },
  '/404': { behaviour: fail(404), end: '404' },
  '/huge': { behaviour: huge(200_000), end: '200' },
} as const satisfies Record<string, Fault>;

/** A path of a faulty upstream. */
export type FaultPath = keyof typeof faults;

/** All of them. */
export const faultPaths = Object.keys(faults) as FaultPath[];

/** An upstream with a path for each fault, stopped when the test ends. */
export async function faultyUpstream(listening?: Listening): Promise<Upstream> {
  const upstream = await upstreamForTest(answer(), listening);
  for (const path of faultPaths) upstream.on(path, faults[path].behaviour);
  return upstream;
}

/** A URL at which nobody listens: the system gives that port to nobody who asks for a free one. */
export const refusedUrl = 'http://127.0.0.1:9';
