import { BucketTable } from './bucket-table.js';
import { Call } from './traffic.fixture.js';

/** A call that a table let through, and where it was charged. */
export interface TableAdmission extends Call {
  readonly sharedOverflow: boolean;
}

/** Whether `key` has no bucket of its own. */
export function sharesOverflow(table: BucketTable, key: string): boolean {
  return table.find(key) === 0;
}

/** Makes one call; `undefined` when it was refused. */
export function callTable(
  table: BucketTable,
  call: Call,
): TableAdmission | undefined {
  const { key, cost, nowMs } = call;
  const slot = table.find(key);
  if (table.levels.waitMs(slot, cost, nowMs) > 0) return undefined;
  table.take(slot, key, cost, nowMs);
  return { ...call, sharedOverflow: sharesOverflow(table, key) };
}

/** Makes all calls; gives those that were admitted. */
export function callsThrough(
  table: BucketTable,
  calls: readonly Call[],
): TableAdmission[] {
  return calls
    .map((call) => callTable(table, call))
    .filter((admission) => admission !== undefined);
}
