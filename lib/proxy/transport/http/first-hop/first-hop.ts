import http from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import https from 'node:https';
import type {
  AxiosAdapter,
  AxiosPromise,
  CancelToken,
  InternalAxiosRequestConfig,
} from 'axios';
import { requestedUrl } from './requested-url.js';

/** An answer, with what follow-redirects writes on it for axios' users to read. */
interface Answer extends IncomingMessage {
  req: ClientRequest;
  responseUrl?: string;
  redirects?: readonly object[];
}

type LetGo = (reason: unknown) => void;

/**
 * The first request of a call, made by Node's client. Axios has it as its
 * transport, and as the token by which it hears that it is to let go of a
 * request whose answer leads elsewhere: it then fails with this hop.
 */
export class FirstHop {
  /** The answer that leads elsewhere. */
  redirect: IncomingMessage | undefined;
  private letGo: LetGo | undefined;

  /**
   * Sends a call by `axiosAdapter`, which has read all options by the time that
   * it returns. So what is lent here is seen by nobody else: answers and errors
   * tell of the call as it is, and it may be sent again.
   */
  send(
    call: InternalAxiosRequestConfig,
    axiosAdapter: AxiosAdapter,
  ): AxiosPromise {
    const { proxy } = call;
    call.proxy = false; // axios would ask the environment a second time
    call.cancelToken = this as unknown as CancelToken;
    call.transport = this;
    const sending = axiosAdapter(call);
    delete call.transport;
    delete call.cancelToken;
    if (proxy === undefined) delete call.proxy;
    return sending;
  }

  /** What axios asks of a transport. */
  request(
    options: RequestOptions,
    onAnswer: (answer: IncomingMessage) => void,
  ): ClientRequest {
    const client = options.protocol === 'https:' ? https : http;
    return client.request(options, (message) => {
      const answer = message as Answer;
      if (leadsElsewhere(answer)) {
        this.leave(answer);
        return;
      }
      answer.responseUrl = requestedUrl(options);
      answer.redirects = [];
      onAnswer(answer);
    });
  }

  /** What axios asks of a cancel token. */
  subscribe(letGo: LetGo): void {
    this.letGo = letGo;
  }

  /** Asked too; there is nothing to take back. */
  unsubscribe(): void {}

  /** Closes the connection, as follow-redirects does: nobody wants the rest of that answer. */
  private leave(answer: Answer): void {
    this.redirect = answer;
    answer.req.destroy();
    answer.destroy();
    this.letGo?.(this);
  }
}

/** As follow-redirects sees it: any status of 3xx that names a place. */
function leadsElsewhere({ statusCode = 0, headers }: IncomingMessage): boolean {
  return statusCode >= 300 && statusCode < 400 && Boolean(headers.location);
}
