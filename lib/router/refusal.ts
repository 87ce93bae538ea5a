import { RouterRefusal } from './refusals.js';

/** Makes the exception of a refusal. */
type MakeException = (retryAfterMs: number | undefined) => RouterRefusal;

/** What all refusals by the same limits have in common. */
export class RefusalForm {
  readonly status: number;
  /** Names of the limits that refuse. */
  readonly refusedBy: readonly string[];
  private text: string | undefined;

  constructor(readonly exception: MakeException) {
    const example = exception(undefined);
    this.status = example.getStatus();
    this.refusedBy = example.refusedBy;
  }

  /** The problem document, as it is sent; written once. */
  get body(): string {
    this.text ??= JSON.stringify(this.exception(undefined).getResponse());
    return this.text;
  }

  /** @param retryAfterMs when the whole plan would pass; `undefined` when it never can */
  refuse(retryAfterMs?: number): Refusal {
    return new Refusal(this, retryAfterMs);
  }
}

/** What a gate gives back for a request that it refuses. Its exception, which costs more than to come to it, is made only where one is thrown. */
export class Refusal {
  constructor(
    readonly form: RefusalForm,
    readonly retryAfterMs: number | undefined,
  ) {}

  exception(): RouterRefusal {
    return this.form.exception(this.retryAfterMs);
  }
}

/** The refusal whose exception is there already. */
export function refusalBy(exception: RouterRefusal): Refusal {
  return new RefusalForm(() => exception).refuse(exception.retryAfterMs);
}
