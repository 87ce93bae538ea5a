import type {
  AxiosError,
  AxiosResponse,
  CreateAxiosDefaults,
  InternalAxiosRequestConfig,
} from 'axios';
import { BackendConfig } from '../../config/schema/backend.schema.js';

/**
 * Told the absolute URL of each redirect before it is followed.
 *
 * @throws Error when the call may not go there; the request must end then
 */
export type RedirectGuard = (url: string) => void;

/**
 * Whose doing a failed request is, where the code of its error does not tell:
 * - `unsent`: the client refused to send it, so that nothing was written;
 * - `broken-off`: code of the caller failed, such as a hook that threw;
 * - `stale`: the backend closed a kept connection before it said anything, so
 *   it may never have seen the request (RFC 9112, section 9.3.1).
 */
export type TransportFault = 'unsent' | 'broken-off' | 'stale';

/** What carries the calls of one backend: connections of its own, shared with no other. */
export interface Transport {
  /** Axios' defaults for its calls, such as agents. */
  readonly defaults: CreateAxiosDefaults;

  /**
   * Sends one request, as an adapter of axios does: answers and errors are
   * those of axios' own Node adapter. `request` is a copy that the transport
   * may change. Of its options,
   * - `url` and `baseURL` were checked and lead to where the call may go;
   * - `timeout` is 0, because `signal` ends the request at its deadline;
   * - `signal` tells its listeners the reason, and is the only way to cancel:
   *   the caller's own signal and cancel token are behind it.
   *
   * An error has a `request` only where one was made, and a `response` as soon
   * as there are headers.
   */
  send(
    request: InternalAxiosRequestConfig,
    mayFollow: RedirectGuard,
  ): Promise<AxiosResponse>;

  /** Whose doing an error of `send` is. */
  faultOf(error: AxiosError): TransportFault | undefined;

  /** Closes every connection. */
  close(): void;
}

/**
 * Opens a transport.
 *
 * @param failedToConnect told the address, `catalog:8080`, of each connection that could not be made
 */
export type OpenTransport = (
  config: BackendConfig,
  failedToConnect: (address: string) => void,
) => Transport;
