import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { RouterRateLimit, ThrottleModule } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { servers } from '../../support/gateway.js';
import { statusesOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

@Injectable()
class Settings {
  readonly searchesPerHour = 2;
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Controller()
class SearchController {
  @RouterRateLimit('search')
  @Get()
  search() {}
}

describe.each(servers)('options from a factory on %s', (server) => {
  const throttle = ThrottleModule.forRootAsync({
    imports: [SettingsModule],
    inject: [Settings],
    useFactory: async (settings: Settings) => {
      await Promise.resolve();
      const capacity = settings.searchesPerHour;
      return {
        policies: { search: { maxRate: capacity, capacity, every: '1h' } },
      };
    },
  });
  const gateway = useGateway(server, throttle, {
    controllers: [SearchController],
  });

  it('may come from another provider, asynchronously', async () => {
    const call = () => gateway.call('/');
    expect(await statusesOf(3, call)).toEqual([200, 200, 503]);
  });
});
