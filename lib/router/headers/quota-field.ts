import { Verdict } from '../../stores/bucket-store.js';

/** A response header that tells callers about their quota. */
export interface QuotaField {
  /** In lower case. */
  readonly name: string;
  /** Whether the items of several plans (the service's, the route's) stand in one list. */
  readonly isList?: boolean;
  /** The value after a decision, or without one; nothing where there is none to tell. */
  readonly value: (verdict: Verdict | undefined) => string | undefined;
}
