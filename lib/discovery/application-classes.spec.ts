import { Controller, Injectable, Module } from '@nestjs/common';
import {
  DiscoveryModule,
  DiscoveryService,
  MetadataScanner,
  NestFactory,
} from '@nestjs/core';
import { expect, it } from 'vitest';
import { applicationClasses } from './application-classes.js';

class Base {
  inherited() {}
}

@Controller('shop')
class ShopController extends Base {
  find() {}
}

@Injectable()
class Stock {
  count() {}
}

@Module({
  controllers: [ShopController],
  providers: [
    ShopController,
    Stock,
    { provide: 'made', useFactory: () => new Stock() },
    { provide: 'given', useValue: new Stock() },
  ],
})
class ShopModule {}

@Module({ imports: [DiscoveryModule, ShopModule], providers: [Stock] })
class AppModule {}

it('finds each class once, with its methods and those of its base, controllers first', async () => {
  const app = await NestFactory.createApplicationContext(AppModule, {
    logger: false,
  });
  const classes = applicationClasses(
    app.get(DiscoveryService),
    app.get(MetadataScanner),
  );
  const ours = classes.filter(({ type }) =>
    [ShopController, Stock].includes(type as never),
  );
  expect(classes[0].type).toBe(ShopController);
  expect(ours).toEqual([
    {
      type: ShopController,
      module: 'ShopModule',
      isController: true,
      methods: [
        { name: 'find', body: ShopController.prototype.find },
        { name: 'inherited', body: Base.prototype.inherited },
      ],
    },
    {
      type: Stock,
      module: expect.stringMatching(/^(?:App|Shop)Module$/) as string,
      isController: false,
      methods: [{ name: 'count', body: Stock.prototype.count }],
    },
  ]);
  await app.close();
});
