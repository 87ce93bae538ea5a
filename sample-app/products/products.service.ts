import { Injectable } from '@nestjs/common';
import {
  CircuitOpenException,
  HttpBackend,
  InjectBackend,
} from 'nestjs-floodgate';
import type { Price } from '../prices/price.js';
import { PricesService } from '../prices/prices.service.js';
import type { Product, ProductPage } from './product.js';

@Injectable()
export class ProductsService {
  // One backend, with the methods of axios. The breaker, the rate limit and
  // the timeout of `catalog` in protection.ts come with it.
  constructor(
    @InjectBackend('catalog') private readonly catalog: HttpBackend,
    private readonly prices: PricesService,
  ) {}

  async page(id: number): Promise<ProductPage> {
    const { data } = await this.catalog.get<Product>(`/products/${id}`);
    return { ...data, price: await this.priceIfAny(id) };
  }

  async search(words: string): Promise<Product[]> {
    const { data } = await this.catalog.get<Product[]>('/products', {
      params: { q: words },
    });
    return data;
  }

  /**
   * A page without its price is better than no page. While the breaker of
   * `prices` is open the refusal costs nothing, so the page stays as fast as ever.
   */
  private async priceIfAny(id: number): Promise<Price | null> {
    try {
      return await this.prices.of(id);
    } catch (error) {
      if (error instanceof CircuitOpenException) return null;
      throw error;
    }
  }
}
