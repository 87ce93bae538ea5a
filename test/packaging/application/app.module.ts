import { Module } from '@nestjs/common';
import { ThrottleModule } from 'nestjs-floodgate';
import { GreetingsController } from './greetings.controller.js';
import { PricesController } from './prices.controller.js';
import { PricesService } from './prices.service.js';

@Module({
  imports: [
    ThrottleModule.forRootAsync({
      useFactory: () => ({
        timeout: '5s',
        service: { maxRate: 500, capacity: 500 },
        backends: {
          prices: {
            hosts: [process.env.PRICES_URL!],
            rateLimit: '100/1s',
            circuitBreaker: { maxErrors: 3, interval: '60s', timeout: '10s' },
          },
        },
      }),
    }),
  ],
  controllers: [GreetingsController, PricesController],
  providers: [PricesService],
})
export class AppModule {}
