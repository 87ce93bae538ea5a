import { Injectable } from '@nestjs/common';
import { HttpBackend, InjectBackend, ProxyRateLimit } from 'nestjs-floodgate';
import type { Product } from './product.js';

@Injectable()
export class SimilarProductsService {
  constructor(
    @InjectBackend('catalog') private readonly catalog: HttpBackend,
  ) {}

  /**
   * Nice to have, and hard work for the catalog: this use of it may take five
   * calls a second, out of the forty that the catalog grants to all.
   */
  @ProxyRateLimit('catalog', { maxRate: 5, capacity: 5 })
  async similarTo(id: number): Promise<Product[]> {
    const { data } = await this.catalog.get<Product[]>('/products', {
      params: { similarTo: id },
    });
    return data;
  }
}
