import {
  Controller,
  Get,
  Injectable,
  Module,
  SetMetadata,
} from '@nestjs/common';
import {
  DiscoveryModule,
  DiscoveryService,
  MetadataScanner,
  NestFactory,
} from '@nestjs/core';
import { expect, it, describe } from 'vitest';
import { applicationClasses, marksOf } from './application-classes.js';

class Base {
  @SetMetadata('note', 1)
  inherited() {}

  plain() {}
}

@Controller('shop')
class ShopController extends Base {
  @Get()
  find() {}
}

@Injectable()
class Stock {
  @SetMetadata('note', 2)
  count() {}

  plain() {}
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

it('applicationClasses lists each class once, controllers first, and finds decorated methods on base classes too', async () => {
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
      marks: expect.arrayContaining(['path']) as unknown[],
      methods: [
        {
          name: 'find',
          body: ShopController.prototype.find,
          marks: ['path', 'method'],
        },
        {
          name: 'inherited',
          body: Base.prototype.inherited,
          marks: ['note'],
        },
      ],
    },
    {
      type: Stock,
      module: expect.stringMatching(/^(?:App|Shop)Module$/) as string,
      isController: false,
      marks: expect.arrayContaining(['__injectable__']) as unknown[],
      methods: [
        { name: 'count', body: Stock.prototype.count, marks: ['note'] },
      ],
    },
  ]);
  await app.close();
});

class Marked {
  @SetMetadata('one', 1)
  @SetMetadata('two', 2)
  find() {}

  @SetMetadata('one', 1)
  async buy() {}

  plain() {}
}

describe('decorator metadata', () => {
  it('is listed by key for a method', () => {
    expect(marksOf(Marked.prototype.find)).toEqual(['two', 'one']);
    expect(marksOf(Marked.prototype.buy)).toEqual(['one']);
    expect(marksOf(Marked.prototype.plain)).toEqual([]);
  });

  it('is inherited by a wrapped method', () => {
    const wrapped = Object.setPrototypeOf(
      () => {},
      Marked.prototype.find,
    ) as () => void;
    SetMetadata('three', 3)(wrapped);
    expect(marksOf(wrapped)).toEqual(
      expect.arrayContaining(['one', 'two', 'three']),
    );
  });

  it('is inherited by a class', () => {
    @SetMetadata('shop', true)
    class Shop {}
    class Market extends Shop {}
    expect(marksOf(Market)).toEqual(['shop']);
  });
});
