import { Caller } from '../context/request-life.js';

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

  constructor(response: AnyResponse) {
    this.response = response.raw ?? response;
  }

  get hasLeft(): boolean {
    const { closed, destroyed, writableFinished } = this.response;
    return (closed || destroyed) && !writableFinished;
  }

  onLeave(listener: () => void): () => void {
    const onClose = () => {
      if (this.hasLeft) listener();
    };
    this.response.once('close', onClose);
    return () => this.response.off('close', onClose);
  }
}
