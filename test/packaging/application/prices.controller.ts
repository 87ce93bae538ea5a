import { Controller, Get } from '@nestjs/common';
import { Price, PricesService } from './prices.service.js';

@Controller('prices')
export class PricesController {
  constructor(private readonly prices: PricesService) {}

  @Get('one')
  one(): Promise<Price> {
    return this.prices.priceOf(1);
  }

  @Get('unknown')
  async unknown(): Promise<{ status: number }> {
    return { status: await this.prices.statusOfUnknown() };
  }
}
