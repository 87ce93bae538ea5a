import { Controller, Get, Query } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import type { Product } from './product.js';
import { ProductsService } from './products.service.js';

@Controller('search')
export class SearchController {
  constructor(private readonly products: ProductsService) {}

  /** Limited by a policy that stands, by name, in protection.ts. */
  @Get()
  @RouterRateLimit('search')
  search(@Query('q') words = ''): Promise<Product[]> {
    return this.products.search(words);
  }
}
