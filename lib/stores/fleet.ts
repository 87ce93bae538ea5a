/** What another instance says about a topic, true for a while. */
export interface Notice {
  /** The instance that says it. */
  readonly from: string;
  /** When it is true no longer, by the clock of whoever hears it. */
  readonly untilMs: number;
}

/**
 * Told what the others say of a topic now, again and again, also when it is
 * nothing any more.
 *
 * @param instances how many are alive, this one included
 */
export type NoticeListener = (
  notices: readonly Notice[],
  instances: number,
) => void;

/**
 * What the instances of an application tell each other beside their buckets.
 * Nobody waits for it, and nothing may depend on its arriving.
 */
export interface Fleet {
  /** Says something until `untilMs`; an instant that is past takes it back. */
  tell(topic: string, untilMs: number): void;
  /** Hears what the others say. */
  listen(topic: string, hear: NoticeListener): void;
}
