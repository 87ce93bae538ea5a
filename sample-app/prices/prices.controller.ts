import { Controller, Get, Param, ParseIntPipe } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import type { Price } from './price.js';
import { PricesService } from './prices.service.js';

@Controller('prices')
export class PricesController {
  constructor(private readonly prices: PricesService) {}

  /**
   * Without prices there is nothing to answer here, so nothing is caught: an
   * open breaker becomes 503 with Retry-After, a timeout becomes 504.
   */
  @Get(':id')
  @RouterRateLimit({ maxRate: 50, capacity: 50 })
  price(@Param('id', ParseIntPipe) id: number): Promise<Price> {
    return this.prices.of(id);
  }
}
