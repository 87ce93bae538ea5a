import 'reflect-metadata';
import { subscribe } from 'node:diagnostics_channel';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RouterRateLimit, ThrottleModule } from 'nestjs-floodgate';
import { redisStore } from 'nestjs-floodgate/redis';
import { serveParent } from '../processes/serve-parent.js';
import { CAPACITY, RATE_PER_SECOND } from './limit.js';

// One of three processes that know nothing of each other but the address of Redis.
const [url] = process.argv.slice(2);

@Controller()
class OffersController {
  @RouterRateLimit({ maxRate: RATE_PER_SECOND, capacity: CAPACITY })
  @Get('offers')
  offers() {
    return [{ id: 1, name: 'Floodgate, galvanised' }];
  }
}

@Module({
  imports: [
    ThrottleModule.forRoot({
      store: redisStore({
        url,
        onStoreFailure: 'local',
        // Patient, since all processes of the demo share one machine: that Redis was killed shows at once all the same.
        decisionBudget: '500ms',
      }),
    }),
  ],
  controllers: [OffersController],
})
class FleetModule {}

subscribe('floodgate:store', (transition) => process.send?.(transition));

const app = await NestFactory.create(FleetModule, { logger: false });
await app.listen(0, '127.0.0.1');
serveParent({
  port: (app.getHttpServer().address() as AddressInfo).port,
  stop: () => app.close(),
});
