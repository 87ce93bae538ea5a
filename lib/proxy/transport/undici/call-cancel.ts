import type { InternalAxiosRequestConfig } from 'axios';
import { OutgoingRequest } from './outgoing-request.js';
import { abortError } from './transport-error.js';

/** Listens to whatever may cancel a call: its signal, and axios' older cancel token. */
export class CallCancel {
  constructor(
    private readonly config: InternalAxiosRequestConfig,
    private readonly request: OutgoingRequest,
    private readonly onCancel: (error: Error) => void,
  ) {
    if (config.signal?.aborted) this.cancel();
    config.signal?.addEventListener?.('abort', this.cancel);
    // Part of axios that its types leave out.
    (config.cancelToken as SubscribableToken | undefined)?.subscribe(
      this.cancel,
    );
  }

  /** Stops listening. */
  done(): void {
    this.config.signal?.removeEventListener?.('abort', this.cancel);
    (this.config.cancelToken as SubscribableToken | undefined)?.unsubscribe(
      this.cancel,
    );
  }

  private readonly cancel = (reason?: unknown) => {
    this.onCancel(abortError(reason, this.config, this.request));
  };
}

interface SubscribableToken {
  promise: Promise<never>;
  subscribe(listener: (reason: unknown) => void): void;
  unsubscribe(listener: (reason: unknown) => void): void;
}
