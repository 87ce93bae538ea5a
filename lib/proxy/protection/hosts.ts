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

/** A host that could not be connected to rests for one second, then two, at most ten. */
const REST = { baseMs: 1000, maxMs: 10_000 };

/**
 * What a path may not have that is known to stay below its base without being
 * parsed: a host, segments that begin with a dot, escaped or not, backslashes,
 * and what parsers drop.
 */
const DOUBTFUL =
  // oxlint-disable-next-line no-control-regex -- URL parsers drop control characters
  /^(?:[a-z][a-z\d+\-.]*:)?\/\/|[\\\u0000-\u001f]|(?:^|\/)(?:\.|%2e)/i;

const logger = new Logger('Floodgate');

/** A host as it stands now. */
export interface HostView {
  /** The origin of its base URL: no credentials, path or query. */
  readonly url: string;
  readonly state: HostState;
  /** Calls underway, bodies that are still read included. */
  readonly pending: number;
  /** Failures since its last success. */
  readonly consecutiveErrors: number;
  /** Milliseconds until it is tried again; 0 while it is active. */
  readonly outForMs: number;
}

/** What a rotation is made from. */
export type RotationConfig = Pick<
  BackendConfig,
  'hosts' | 'loadBalancing' | 'outlierDetection' | 'timeout'
>;

/** The hosts of a backend: keeps its calls to them, says where each goes, and learns from how it ended. */
export class BackendHosts {
  private readonly pool: HostPool;
  private readonly urls: readonly string[];
  /** What may be shown of them. */
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
   * Where a request goes, interceptors included; most name a plain path.
   *
   * @param namesHost whether its caller chose a base URL, be it that of the first host
   * @param mayLeave whether it may go anywhere
   * @throws AxiosError with ERR_OTHER_ORIGIN where it may not go there, with ERR_INVALID_URL where that is nowhere
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
   * Whether a redirect leads to one of them.
   *
   * @param url absolute
   */
  isOwn(url: string): boolean {
    return this.own.isOwn(url);
  }

  /** The error of a call that would go to a place which is not its backend's. */
  leaveError(place: string, request: InternalAxiosRequestConfig): AxiosError {
    return this.own.error(place, request);
  }

  /**
   * The turn of the next call; it must be settled once.
   *
   * @param except the turn of an attempt that failed: another host is taken where there is one
   */
  next(nowMs: number, except?: Turn): Turn {
    return this.pool.next(nowMs, except);
  }

  /** The base URL of a turn; the first one for a call that goes elsewhere. */
  url(turn: Turn): string {
    return this.urls[turn === NO_TURN ? 0 : this.pool.indexOf(turn)];
  }

  /**
   * Reports how a call ended.
   *
   * @returns what that says about the backend as a whole: nothing, where a host failed that is out while others serve
   */
  settle(turn: Turn, outcome: CallOutcome, nowMs: number): CallOutcome {
    return this.pool.settle(turn, outcome, nowMs) ? outcome : 'ignored';
  }

  /**
   * Lets what could not be connected to rest for a while. A lone host never
   * rests: there is nobody to serve in its place.
   *
   * @param address host name and port, as in `catalog:8080`
   */
  rest(address: string, nowMs: number): void {
    if (this.urls.length === 1) return;
    this.addresses.forEach((known, index) => {
      if (known === address) this.pool.rest(index, nowMs);
    });
  }

  /** Every host as it stands at `nowMs`, in the order of the configuration. */
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

/** Nobody is an outlier alone. */
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
