import { Logger } from '@nestjs/common';
import type { AxiosError, InternalAxiosRequestConfig } from 'axios';
import { BackendConfig } from '../../config/schema/backend.schema.js';
import { CallOutcome } from '../../core/breaker/circuit-breaker.js';
import {
  HostPool,
  HostState,
  NO_TURN,
  PoolSettings,
  Turn,
} from '../../core/hosts/host-pool.js';
import { hostChannel, HostTransition } from '../../events.js';
import { addressOf } from '../transport/host-address.js';
import { Destination, OwnHosts } from './own-hosts.js';

/** How long a host is skipped after a failed connection: one second at first, growing to at most ten. */
const REST = { baseMs: 1000, maxMs: 10_000 };

/**
 * Matches paths that need parsing to tell whether they stay below their base:
 * those with a host, segments that begin with a dot (escaped or not),
 * backslashes, or characters that parsers drop.
 */
const DOUBTFUL =
  // oxlint-disable-next-line no-control-regex -- URL parsers drop control characters
  /^(?:[a-z][a-z\d+\-.]*:)?\/\/|[\\\u0000-\u001f]|(?:^|\/)(?:\.|%2e)/i;

const logger = new Logger('Floodgate');

/** The current state of a host. */
export interface HostView {
  /** The origin of its base URL: no credentials, path or query. */
  readonly url: string;
  readonly state: HostState;
  /** Calls in flight, including bodies still being read. */
  readonly pending: number;
  /** Failures since its last success. */
  readonly consecutiveErrors: number;
  /** Milliseconds until the host is tried again; 0 while it is active. */
  readonly outForMs: number;
}

/** The configuration of the hosts. */
export type RotationConfig = Pick<
  BackendConfig,
  'hosts' | 'loadBalancing' | 'outlierDetection' | 'timeout'
>;

/** The hosts of a backend: restricts calls to them, balances the load, and ejects failing hosts. */
export class BackendHosts {
  private readonly pool: HostPool;
  private readonly urls: readonly string[];
  /** Their origins, safe to display. */
  private readonly origins: readonly string[];
  private readonly addresses: readonly string[];
  private readonly own: OwnHosts;

  constructor(
    private readonly backend: string,
    private readonly config: RotationConfig,
  ) {
    this.urls = config.hosts;
    this.origins = config.hosts.map((host) => new URL(host).origin);
    this.addresses = config.hosts.map(addressOf);
    this.own = new OwnHosts(backend, config.hosts);
    this.pool = new HostPool(settingsOf(config), this.announce);
  }

  /**
   * The destination of a request, after interceptors. Fast for plain paths, the
   * common case.
   *
   * @param namesHost whether the caller chose a base URL, even that of the first host
   * @param mayLeave whether the request may go to other hosts
   * @throws AxiosError with ERR_OTHER_ORIGIN for a forbidden destination, with ERR_INVALID_URL for an invalid URL
   */
  destinationOf(
    request: InternalAxiosRequestConfig,
    namesHost: boolean,
    mayLeave: boolean,
  ): Destination {
    const { url = '', baseURL, socketPath } = request;
    const isOwnBase = baseURL === undefined || baseURL === this.urls[0];
    const isPlain = !namesHost && isOwnBase && !socketPath;
    return isPlain && !DOUBTFUL.test(url)
      ? 'any-host'
      : this.own.destinationOf(request, namesHost, mayLeave);
  }

  /**
   * Whether a redirect leads to one of the hosts.
   *
   * @param url an absolute URL
   */
  isOwn(url: string): boolean {
    return this.own.isOwn(url);
  }

  /** The error of a call that would leave the backend's hosts. */
  leaveError(place: string, request: InternalAxiosRequestConfig): AxiosError {
    return this.own.error(place, request);
  }

  /**
   * The turn of the next call. It must be settled once.
   *
   * @param except the turn of a failed or slow attempt; another host is chosen if there is one
   */
  next(nowMs: number, except?: Turn): Turn {
    return this.pool.next(nowMs, except);
  }

  /** The base URL of a turn; that of the first host for `NO_TURN`. */
  url(turn: Turn): string {
    return this.urls[turn === NO_TURN ? 0 : this.pool.indexOf(turn)];
  }

  /**
   * Records the outcome of a call.
   *
   * @returns the outcome for the backend as a whole; `ignored` if the host is out while others serve
   */
  settle(turn: Turn, outcome: CallOutcome, nowMs: number): CallOutcome {
    return this.pool.settle(turn, outcome, nowMs) ? outcome : 'ignored';
  }

  /**
   * Skips a host for a while after a failed connection. An only host is never
   * skipped.
   *
   * @param address host name and port, such as `catalog:8080`
   */
  rest(address: string, nowMs: number): void {
    if (this.urls.length === 1) return;
    this.addresses.forEach((known, index) => {
      if (known === address) this.pool.rest(index, nowMs);
    });
  }

  /** The state of every host at `nowMs`, in the order of the configuration. */
  view(nowMs: number): HostView[] {
    return this.pool.hosts.map((host, index) => ({
      url: this.origins[index],
      state: host.state,
      pending: host.pending,
      consecutiveErrors: host.consecutiveErrors,
      outForMs: host.outForMs(nowMs),
    }));
  }

  private readonly announce = (index: number, to: HostState): void => {
    const { outlierDetection } = this.config;
    const host = this.origins[index];
    const active = this.pool.activeCount;
    if (outlierDetection && outlierDetection.logStatusChange) {
      const left = `${active} of ${this.urls.length} hosts are active`;
      logger.warn(`host ${host} of "${this.backend}" is ${to}; ${left}`);
    }
    if (hostChannel.hasSubscribers) {
      const transition = { backend: this.backend, host, to, active };
      hostChannel.publish(transition satisfies HostTransition);
    }
  };
}

/** Maps the configuration to pool settings. An only host is never ejected. */
function settingsOf(config: RotationConfig): PoolSettings {
  const { hosts, loadBalancing, outlierDetection, timeout } = config;
  const common = {
    hosts: hosts.length,
    loadBalancing,
    rest: REST,
    probeMaxMs: timeout,
  };
  if (!outlierDetection || hosts.length === 1) {
    const none = { consecutiveErrors: Infinity, ejection: REST, maxEjected: 1 };
    return { ...common, ...none };
  }
  const { maxEjectionPercent, baseEjectionTime, maxEjectionTime } =
    outlierDetection;
  const share = Math.floor((hosts.length * maxEjectionPercent) / 100);
  return {
    ...common,
    consecutiveErrors: outlierDetection.consecutiveErrors,
    ejection: { baseMs: baseEjectionTime, maxMs: maxEjectionTime },
    maxEjected: Math.max(1, share),
  };
}
