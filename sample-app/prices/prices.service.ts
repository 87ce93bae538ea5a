import { Injectable } from '@nestjs/common';
import { BackendClient } from 'nestjs-floodgate';
import type { Price } from './price.js';

@Injectable()
export class PricesService {
  // Every backend by name, for when one service talks to several.
  constructor(private readonly backends: BackendClient) {}

  async of(productId: number): Promise<Price> {
    const { data } = await this.backends.get<Price>(
      'prices',
      `/prices/${productId}`,
    );
    return data;
  }
}
