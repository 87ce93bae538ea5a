/** A statement of another instance about a topic, valid for a limited time. */
export interface Notice {
  /** The id of the instance that sent it. */
  readonly from: string;
  /** When it expires, by the clock of the receiver. */
  readonly untilMs: number;
}

/**
 * Receives the current notices of the other instances about a topic. It is
 * called repeatedly, also when there are none left.
 *
 * @param instances how many instances are alive, this one included
 */
export type NoticeListener = (
  notices: readonly Notice[],
  instances: number,
) => void;

/**
 * How the instances of an application notify each other. Notices are best
 * effort: nobody waits for them, and nothing may depend on their arrival.
 */
export interface Fleet {
  /** Publishes a notice that is valid until `untilMs`; a time in the past withdraws it. */
  tell(topic: string, untilMs: number): void;
  /** Subscribes to the notices of the other instances. */
  listen(topic: string, hear: NoticeListener): void;
}
