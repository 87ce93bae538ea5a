import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** The bus of a Cluster's node listens this much above its port. */
const BUS_OFFSET = 10_000;
/**
 * Ports, and those of a bus, that systems give to nobody: others who ask for a
 * free one, and connections that go out, must not take what was found free
 * before a server that was killed comes back to it.
 */
const [LOWEST, HIGHEST] = [10_100, 22_000];

/** A port of the loopback interface that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if ((await isFree(port)) && (await isFree(port + BUS_OFFSET))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
