import { Controller, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { servers } from '../support/gateway.js';
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

describe.each(servers)('files a request crosses on %s', (server) => {
  const gateway = useGateway(server, {}, { controllers: [PathController] });

  it.each(['admitted', 'refused', 'edge', 'edge-refused'])(
    '%s',
    async (path) => {
      for (let i = 0; i < 70; i++) await gateway.call(`/${path}`);
      const files = await crossedFiles(() => gateway.call(`/${path}`));
      console.log(path, files.length, files);
      expect(files.length).toBeLessThan(30);
    },
  );
});
