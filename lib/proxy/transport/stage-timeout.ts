/** The stages of a call that may have a limit of their own within its deadline. */
export type LateStage = 'connection' | 'headers';

const AWAITED: Readonly<Record<LateStage, string>> = {
  connection: 'no connection',
  headers: 'no response headers',
};

/** One stage of a call took longer than it may; axios' error has it as its cause. */
export class StageTimeout extends Error {
  /** What axios and Node call a time that is up. */
  readonly code = 'ETIMEDOUT';

  constructor(
    readonly stage: LateStage,
    limitMs: number,
  ) {
    super(`${AWAITED[stage]} within ${limitMs} ms`);
    this.name = 'StageTimeout';
  }
}
