import type {
  AxiosError,
  AxiosResponse,
  CreateAxiosDefaults,
  InternalAxiosRequestConfig,
} from 'axios';
import { BackendConfig } from '../../config/schema/backend.schema.js';

/**
 * Called with the absolute URL of each redirect before it is followed.
 *
 * @throws Error when the redirect is forbidden; the request must then end
 */
export type RedirectGuard = (url: string) => void;

/**
 * Why a request failed, when the error code does not tell:
 * - `unsent`: the client refused to send it; nothing was written;
 * - `broken-off`: the caller's code failed, such as a hook that threw;
 * - `stale`: the backend closed a reused connection before it responded, so it
 *   may never have seen the request (RFC 9112, section 9.3.1).
 */
export type TransportFault = 'unsent' | 'broken-off' | 'stale';

/** Sends the calls of one backend, over connections that it shares with no other backend. */
export interface Transport {
  /** Axios defaults for its calls, such as agents. */
  readonly defaults: CreateAxiosDefaults;

  /**
   * Sends one request, like an axios adapter. Responses and errors must match
   * those of axios' Node adapter. `request` is a copy that the transport may
   * modify:
   * - `url` and `baseURL` have been checked and lead to a permitted host;
   * - `timeout` is 0, because `signal` aborts the request at its deadline;
   * - `signal` passes the reason to its listeners and is the only way to cancel;
   *   it covers the caller's own signal and cancel token.
   *
   * An error has a `request` only if one was created, and a `response` once the
   * headers have arrived.
   */
  send(
    request: InternalAxiosRequestConfig,
    mayFollow: RedirectGuard,
  ): Promise<AxiosResponse>;

  /** Classifies an error of `send`; `undefined` if its code tells. */
  faultOf(error: AxiosError): TransportFault | undefined;

  /** Closes every connection. */
  close(): void;
}

/**
 * Opens a transport.
 *
 * @param failedToConnect called with the address, such as `catalog:8080`, of each connection that fails to open
 */
export type OpenTransport = (
  config: BackendConfig,
  failedToConnect: (address: string) => void,
) => Transport;
