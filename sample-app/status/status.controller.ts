import { Controller, Get } from '@nestjs/common';
import { BackendClient } from 'nestjs-floodgate';

@Controller('status')
export class StatusController {
  constructor(private readonly backends: BackendClient) {}

  /** The breakers, as they are now. */
  @Get()
  status() {
    return {
      catalog: this.backends.backend('catalog').breaker?.state,
      prices: this.backends.backend('prices').breaker?.state,
    };
  }
}
