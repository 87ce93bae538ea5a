/** One request of the traffic that is replayed. */
export interface ReplayedRequest {
  /** Milliseconds since 1970, or since the beginning of made traffic. */
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  /** The address of the client; empty where the log has none. */
  readonly address: string;
  /** A header of the request: empty where it had none, nothing where the log does not tell. */
  readonly header?: (name: string) => string | undefined;
}

/** A request whose route is known. */
export interface RoutedRequest extends ReplayedRequest {
  readonly params: Readonly<Record<string, string>>;
}
