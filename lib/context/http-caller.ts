import { Caller } from './request-life.js';

interface NodeResponse {
  readonly destroyed: boolean;
  readonly closed: boolean;
  readonly writableFinished: boolean;
  once(event: 'close', listener: () => void): void;
  off(event: 'close', listener: () => void): void;
}

/** What Express, Fastify or Node hands out for a response. */
export type AnyResponse = NodeResponse & { readonly raw?: NodeResponse };

/** The client at the other end of a response: gone when that closes before it was finished. */
export class HttpCaller implements Caller {
  private readonly response: NodeResponse;

  /**
   * @param response what the caller waits for
   * @param isHeeded whether it matters that it leaves
   */
  constructor(
    response: AnyResponse,
    private readonly isHeeded = true,
  ) {
    this.response = response.raw ?? response;
  }

  get hasLeft(): boolean {
    if (!this.isHeeded) return false;
    const { closed, destroyed, writableFinished } = this.response;
    return (closed || destroyed) && !writableFinished;
  }

  get isServed(): boolean {
    return this.response.writableFinished;
  }

  /** Tells `listener` once when the response is over, however it ended. */
  onceOver(listener: () => void): void {
    if (this.response.closed) listener();
    else this.response.once('close', listener);
  }

  onLeave(listener: () => void): () => void {
    const onClose = () => {
      if (this.hasLeft) listener();
    };
    this.response.once('close', onClose);
    return () => this.response.off('close', onClose);
  }
}
