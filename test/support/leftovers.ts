const KINDS = [
  'TCPSocketWrap',
  'TLSWrap',
  'TCPServerWrap',
  'Timeout',
  'GetAddrInfoReqWrap',
] as const;

/** What keeps the process busy, by kind. */
export type Busy = Readonly<Record<(typeof KINDS)[number], number>>;

/** Counts the sockets, servers, timers and look-ups of the process. */
export function busyWith(): Busy {
  const active = process.getActiveResourcesInfo();
  const count = (kind: string) => active.filter((name) => name === kind).length;
  return Object.fromEntries(KINDS.map((kind) => [kind, count(kind)])) as Busy;
}

/** Whether nothing is left beyond what was there `before`. */
export function isNoBusierThan(before: Busy): boolean {
  const now = busyWith();
  return KINDS.every((kind) => now[kind] <= before[kind]);
}
