import { Module } from '@nestjs/common';
import { PricesModule } from '../prices/prices.module.js';
import { ProductsController } from './products.controller.js';
import { ProductsService } from './products.service.js';
import { SearchController } from './search.controller.js';
import { SimilarProductsService } from './similar-products.service.js';

@Module({
  imports: [PricesModule],
  controllers: [ProductsController, SearchController],
  providers: [ProductsService, SimilarProductsService],
})
export class ProductsModule {}
