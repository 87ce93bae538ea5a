import { setTimeout as pause } from 'node:timers/promises';
import { RedisServer } from './redis-server.js';

const SLOTS = 16_384;
const LONGEST_START_MS = 20_000;

/** Three masters of a Cluster. */
export class RedisCluster {
  private constructor(readonly masters: readonly RedisServer[]) {}

  static async start(): Promise<RedisCluster> {
    const masters: RedisServer[] = [];
    for (let i = 0; i < 3; i++) {
      // prettier-ignore
      const settings = [
        '--cluster-enabled', 'yes', '--cluster-node-timeout', '2000',
        '--cluster-require-full-coverage', 'no',
      ];
      masters.push(await RedisServer.start(settings));
    }
    const cluster = new RedisCluster(masters);
    await cluster.join();
    return cluster;
  }

  get urls(): string[] {
    return this.masters.map(({ url }) => url);
  }

  /** The slot of a key, and the master that has it at the beginning. */
  async homeOf(key: string): Promise<{ slot: number; home: number }> {
    const found = await this.masters[0].command('cluster', 'keyslot', key);
    const slot = Number(found);
    const share = Math.ceil(SLOTS / this.masters.length);
    return { slot, home: Math.floor(slot / share) };
  }

  /** Moves a slot from one master to another while it is in use, as redis-cli does. */
  async move(slot: number, from: number, to: number): Promise<void> {
    const [source, target] = [this.masters[from], this.masters[to]];
    const [sourceId, targetId] = await Promise.all([source, target].map(idOf));
    const text = String(slot);
    await target.command('cluster', 'setslot', text, 'importing', sourceId);
    await source.command('cluster', 'setslot', text, 'migrating', targetId);
    for (;;) {
      const keys = await source.command('cluster', 'getkeysinslot', text, '50');
      if ((keys as string[]).length === 0) break;
      const port = String(target.port);
      const how = ['migrate', '127.0.0.1', port, '', '0', '1000', 'keys'];
      await source.command(...how, ...(keys as string[]));
    }
    for (const master of [target, source, ...this.masters]) {
      await master.command('cluster', 'setslot', text, 'node', targetId);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.masters.map((master) => master.stop()));
  }

  private async join(): Promise<void> {
    const share = Math.ceil(SLOTS / this.masters.length);
    for (const [i, master] of this.masters.entries()) {
      const last = Math.min((i + 1) * share, SLOTS) - 1;
      const range = [String(i * share), String(last)];
      await master.command('cluster', 'addslotsrange', ...range);
      await master.command('cluster', 'set-config-epoch', String(i + 1));
    }
    const [first, ...others] = this.masters;
    for (const { port } of others) {
      await first.command('cluster', 'meet', '127.0.0.1', String(port));
    }
    const lastMs = Date.now() + LONGEST_START_MS;
    for (const master of this.masters) {
      while (!(await knowsAll(master, this.masters.length))) {
        if (Date.now() > lastMs) throw new Error('the Cluster did not form');
        await pause(50);
      }
    }
  }
}

async function knowsAll(
  master: RedisServer,
  masters: number,
): Promise<boolean> {
  const info = String(await master.command('cluster', 'info'));
  return (
    info.includes('cluster_state:ok') &&
    info.includes(`cluster_size:${masters}`) &&
    info.includes('cluster_slots_assigned:16384')
  );
}

async function idOf(master: RedisServer): Promise<string> {
  return String(await master.command('cluster', 'myid'));
}
