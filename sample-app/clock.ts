/**
 * Monotonic milliseconds with one origin for all processes of a machine, so
 * that what one process sent can be compared with what another received.
 */
export function machineNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
