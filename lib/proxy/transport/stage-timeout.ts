/** The stages of a call that can have a timeout of their own within its deadline. */
export type LateStage = 'connection' | 'headers';

const AWAITED: Readonly<Record<LateStage, string>> = {
  connection: 'no connection',
  headers: 'no response headers',
};

/** A stage of a call timed out. It is the `cause` of the AxiosError. */
export class StageTimeout extends Error {
  /** The timeout code of axios and Node. */
  readonly code = 'ETIMEDOUT';

  constructor(
    readonly stage: LateStage,
    limitMs: number,
  ) {
    super(`${AWAITED[stage]} within ${limitMs} ms`);
    this.name = 'StageTimeout';
  }
}
