import { DynamicModule, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { ThrottleModule } from 'nestjs-floodgate';
import { BackendAnswerInterceptor } from './backend-answer.interceptor.js';
import { PricesModule } from './prices/prices.module.js';
import { ProductsModule } from './products/products.module.js';
import { type BackendUrls, protection } from './protection.js';
import { StatusModule } from './status/status.module.js';

@Module({})
export class AppModule {
  static withBackends(urls: BackendUrls): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ThrottleModule.forRoot(protection(urls)),
        ProductsModule,
        PricesModule,
        StatusModule,
      ],
      providers: [
        { provide: APP_INTERCEPTOR, useClass: BackendAnswerInterceptor },
      ],
    };
  }
}
