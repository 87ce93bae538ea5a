import { readFile } from 'node:fs/promises';
import { Controller, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { servers } from '../support/gateway.js';
import type { Server } from '../support/gateway.js';
import { useGateway } from '../support/use-gateway.js';
import { crossedFiles } from './crossed-files.js';

const many = {
  maxRate: 1000,
  capacity: 1000,
  clientMaxRate: 1000,
  clientCapacity: 1000,
  every: '1h',
} as const;
const few = { ...many, clientMaxRate: 3, clientCapacity: 3 } as const;

@Controller()
class PathController {
  @RouterRateLimit(many)
  @Get('admitted')
  admitted() {}

  @RouterRateLimit(few)
  @Get('refused')
  refused() {}

  @RouterRateLimit({ ...many, phase: 'edge' })
  @Get('edge')
  edge() {}

  @RouterRateLimit({ ...few, phase: 'edge' })
  @Get('edge-refused')
  edgeRefused() {}
}

/** Express has its own edge in the place of this one, as the documentation says. */
const EDGE = 'router/enforce/edge';
const EDGE_OF: Record<Server, string> = {
  fastify: EDGE,
  express: 'router/enforce/express-edge',
};

/** The list under a heading of the page about the house. */
async function listed(heading: string): Promise<string[]> {
  const page = new URL('../../docs/architecture.md', import.meta.url);
  const [, list] = (await readFile(page, 'utf8')).split(`**${heading}**`);
  const [block] = list.split('```\n').slice(1);
  return block.trim().split(/\s+/);
}

describe.each(servers)('the files that a request crosses on %s', (server) => {
  const gateway = useGateway(server, {}, { controllers: [PathController] });

  async function crossedAt(path: string): Promise<string[]> {
    // The first requests are asked whether they came through a proxy.
    for (let i = 0; i < 70; i++) await gateway.call(`/${path}`);
    const files = await crossedFiles(() => gateway.call(`/${path}`));
    return files.map((file) => file.slice('lib/'.length, -'.ts'.length));
  }

  it('are at most 12 when admitted and 15 when refused', async () => {
    expect((await crossedAt('admitted')).length).toBeLessThanOrEqual(12);
    expect((await crossedAt('refused')).length).toBeLessThanOrEqual(15);
  });

  it('are at most 12 when the edge admits it and 15 when it refuses', async () => {
    expect((await crossedAt('edge')).length).toBeLessThanOrEqual(12);
    expect((await crossedAt('edge-refused')).length).toBeLessThanOrEqual(15);
  });

  it('are those that the documentation lists', async () => {
    const here = (files: string[]) =>
      files.map((file) => (file === EDGE ? EDGE_OF[server] : file));
    const admitted = here(await listed('An admitted request crosses'));
    const more = await listed('A refused request crosses these as well');
    expect(await crossedAt('admitted')).toEqual(admitted.toSorted());
    const refused = [...admitted, ...more].toSorted();
    expect(await crossedAt('refused')).toEqual(refused);
  });
});
