import { addressOf } from './host-address.js';

/** How long a host is passed over after it could not be connected to. */
const REST_MS = 1000;

/** The hosts of a backend, used in turn; those that just failed to connect are passed over while another is left. */
export class HostRotation {
  private turn = 0;
  private readonly restsUntilMs: Float64Array;
  private readonly addresses: readonly string[];

  /** @param hosts base URLs, at least one */
  constructor(private readonly hosts: readonly string[]) {
    this.restsUntilMs = new Float64Array(hosts.length);
    this.addresses = hosts.map(addressOf);
  }

  /** The base URL for the next call. */
  next(nowMs: number): string {
    const { length } = this.hosts;
    const first = this.turn;
    for (let i = 0; i < length; i++) {
      const host = (first + i) % length;
      if (this.restsUntilMs[host] > nowMs) continue;
      this.turn = (host + 1) % length;
      return this.hosts[host];
    }
    this.turn = (first + 1) % length;
    return this.hosts[first];
  }

  /**
   * Lets what could not be connected to rest for a second.
   *
   * @param address host name and port, as in `catalog:8080`
   */
  rest(address: string, nowMs: number): void {
    this.addresses.forEach((known, i) => {
      if (known === address) this.restsUntilMs[i] = nowMs + REST_MS;
    });
  }
}
