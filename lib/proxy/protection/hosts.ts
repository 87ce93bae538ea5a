import { Logger } from '@nestjs/common';
import { BackendConfig } from '../../config/schema/backend.schema.js';
import { CallOutcome } from '../../core/breaker/call-tally.js';
import { HostState } from '../../core/hosts/host-health.js';
import {
  HostPool,
  NO_TURN,
  PoolSettings,
  Turn,
} from '../../core/hosts/host-pool.js';
import { hostChannel, HostTransition } from '../../events.js';
import { addressOf } from '../transport/host-address.js';

/** A host that could not be connected to rests for one second, then two, at most ten. */
const REST = { baseMs: 1000, maxMs: 10_000 };

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

/** The hosts of a backend: says where each call goes, and learns from how it ended. */
export class BackendHosts {
  private readonly pool: HostPool;
  private readonly urls: readonly string[];
  /** What may be shown of them. */
  private readonly origins: readonly string[];
  private readonly addresses: readonly string[];

  constructor(
    private readonly backend: string,
    private readonly config: RotationConfig,
  ) {
    this.urls = config.hosts;
    this.origins = config.hosts.map((host) => new URL(host).origin);
    this.addresses = config.hosts.map(addressOf);
    this.pool = new HostPool(settingsOf(config), this.announce);
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
