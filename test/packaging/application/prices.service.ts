import { Injectable } from '@nestjs/common';
import { isAxiosError } from 'axios';
import {
  BackendClient,
  HttpBackend,
  InjectBackend,
  ProxyRateLimit,
} from 'nestjs-floodgate';

export interface Price {
  readonly product: number;
  readonly cents: number;
}

@Injectable()
export class PricesService {
  constructor(
    private readonly backends: BackendClient,
    @InjectBackend('prices') private readonly prices: HttpBackend,
  ) {}

  @ProxyRateLimit('prices', { maxRate: 1, capacity: 2, every: '1h' })
  async priceOf(product: number): Promise<Price> {
    const { data } = await this.prices.get<Price>(`/prices/${product}`);
    return data;
  }

  /** What the backend answers to a price it does not have. */
  async statusOfUnknown(): Promise<number> {
    try {
      return (await this.backends.get('prices', '/unknown')).status;
    } catch (error) {
      if (isAxiosError(error) && error.response) return error.response.status;
      throw error;
    }
  }
}
