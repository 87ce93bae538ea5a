import { Controller, Get, Param, ParseIntPipe } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import type { Product, ProductPage } from './product.js';
import { ProductsService } from './products.service.js';
import { SimilarProductsService } from './similar-products.service.js';

@Controller('products')
export class ProductsController {
  constructor(
    private readonly products: ProductsService,
    private readonly similar: SimilarProductsService,
  ) {}

  /**
   * Two limits, decided as one: 100 a second for everybody together (else 503),
   * and 5 a second with a burst of 10 for each customer apart (else 429).
   * Customers are told apart by their API key.
   */
  @Get(':id')
  @RouterRateLimit({
    maxRate: 100,
    capacity: 100,
    clientMaxRate: 5,
    clientCapacity: 10,
    strategy: 'header',
    key: 'x-api-key',
  })
  page(@Param('id', ParseIntPipe) id: number): Promise<ProductPage> {
    return this.products.page(id);
  }

  @Get(':id/similar')
  @RouterRateLimit('100/1s') // short for { maxRate: 100, every: '1s', capacity: 100 }
  similarTo(@Param('id', ParseIntPipe) id: number): Promise<Product[]> {
    return this.similar.similarTo(id);
  }
}
