import 'reflect-metadata';
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  BackendClient,
  getBackendToken,
  HttpBackend,
  InjectBackend,
  noRateLimits,
  ProxyRateLimit,
  RouterRateLimit,
  ThrottleConfigError,
  ThrottleModule,
} from 'nestjs-floodgate';
import { describe, expect, it, onTestFinished } from 'vitest';

const ADVICE =
  'add ThrottleModule.forRoot({ … }) to the imports of the root module';
const options = { backends: { catalog: { hosts: ['http://127.0.0.1:9'] } } };

@Injectable()
class Injecting {
  constructor(@InjectBackend('catalog') readonly catalog: HttpBackend) {}
}

@Injectable()
class InjectingAProperty {
  @InjectBackend('catalog') readonly catalog!: HttpBackend;
}

@Injectable()
class Limited {
  @ProxyRateLimit('catalog', '1/1h')
  find() {
    return 'found';
  }
}

@Injectable()
@ProxyRateLimit('catalog', '1/1h')
class LimitedAsAWhole {
  find() {
    return 'found';
  }
}

@Injectable()
class Inheriting extends Limited {}

@Controller()
class LimitedHandler {
  @Get()
  @ProxyRateLimit('catalog', { maxRate: 1, every: '1h', refuseEarly: true })
  find() {
    return 'found';
  }
}

type Imports = NonNullable<DynamicModule['imports']>;

/** The message with which an application of these classes does not start. */
async function refusal(classes: Type[], imports: Imports = []) {
  const isController = (type: Type) => Reflect.hasMetadata('path', type);
  @Module({
    imports,
    controllers: classes.filter(isController),
    providers: classes.filter((type) => !isController(type)),
  })
  class AppModule {}

  const quiet = { logger: false, abortOnError: false } as const;
  return NestFactory.create(AppModule, quiet).then(
    () => 'it started',
    (error: unknown) => String(error),
  );
}

describe('an application without ThrottleModule', () => {
  it.each([
    Injecting,
    InjectingAProperty,
    Limited,
    LimitedAsAWhole,
    Inheriting,
    LimitedHandler,
  ])('does not start with %o and says what to add', async (type) => {
    const message = await refusal([type]);
    expect(message).toContain(`needs ThrottleModule: ${ADVICE}`);
    expect(message).toContain('@ProxyRateLimit(');
  });
});

describe('a controller with limits', () => {
  @Controller()
  class LimitedController {
    @Get()
    @RouterRateLimit('search')
    find() {
      return 'found';
    }
  }

  it('does not start without ThrottleModule and says what to add', async () => {
    expect(await refusal([LimitedController])).toContain(
      `@RouterRateLimit() needs ThrottleModule: ${ADVICE}`,
    );
  });

  it('runs without limits in a test that uses noRateLimits', async () => {
    const module = await Test.createTestingModule({
      controllers: [LimitedController],
      providers: [noRateLimits],
    }).compile();
    const app = module.createNestApplication();
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();

    for (let i = 0; i < 5; i++) {
      const answer = await fetch(url);
      expect([answer.status, await answer.text()]).toEqual([200, 'found']);
      expect(answer.headers.has('ratelimit')).toBe(false);
    }
  });

  it('does not start with both noRateLimits and ThrottleModule', async () => {
    @Module({ controllers: [LimitedController], providers: [noRateLimits] })
    class SearchModule {}

    const policies = { search: { maxRate: 1 } };
    const imports = [ThrottleModule.forRoot({ policies }), SearchModule];

    expect(await refusal([], imports)).toContain(
      'SearchModule has noRateLimits among its providers',
    );
  });

  it('fails with the faults of the options, not with a missing module', async () => {
    const wrong = ThrottleModule.forRoot({ policies: { search: {} } });
    const message = await refusal([LimitedController, Limited], [wrong]);
    expect(message).toContain(ThrottleConfigError.name);
    expect(message).toContain('policies.search.maxRate: found nothing');
  });
});

describe('ThrottleModule without options', () => {
  it('does not start and says what to add and who imports it', async () => {
    const message = await refusal([], [ThrottleModule]);
    expect(message).toContain(ADVICE);
    expect(message).toContain('AppModule imports it without');
  });

  it('does not start even if another module has the options', async () => {
    @Module({ imports: [ThrottleModule] })
    class ProductsModule {}

    const imports = [ThrottleModule.forRoot(options), ProductsModule];
    const message = await refusal([], imports);

    expect(message).toContain('ProductsModule imports it without');
  });
});

describe('ThrottleModule configured twice', () => {
  const again = {
    'forRoot and forRoot': () => ThrottleModule.forRoot(options),
    'forRoot and forRootAsync': () =>
      ThrottleModule.forRootAsync({ useFactory: () => options }),
  };

  it.each(Object.entries(again))('is a fault: %s', async (_, second) => {
    @Module({ imports: [second()] })
    class ProductsModule {}

    const imports = [ThrottleModule.forRoot(options), ProductsModule];
    const message = await refusal([], imports);

    expect(message).toContain(ThrottleConfigError.name);
    expect(message).toContain(
      'ThrottleModule: found 2 modules with options; allowed: one: ThrottleModule.forRoot({ … }) or forRootAsync in the imports of the root module',
    );
  });

  it('is allowed when two modules import the same instance', async () => {
    const throttle = ThrottleModule.forRoot(options);

    @Module({ imports: [throttle] })
    class ProductsModule {}

    expect(await refusal([], [throttle, ProductsModule])).toBe('it started');
  });
});

describe('the injection token of a backend', () => {
  it.each([
    ['forRoot', ThrottleModule.forRoot(options)],
    [
      'forRootAsync, where it was asked for before',
      ThrottleModule.forRootAsync({ useFactory: () => options }),
    ],
  ])('provides the backend of the application with %s', async (_, throttle) => {
    const token = getBackendToken('catalog');
    const module = await Test.createTestingModule({
      imports: [throttle],
    }).compile();
    onTestFinished(() => module.close());

    const backend = module.get<HttpBackend>(token);

    expect(backend.name).toBe('catalog');
    expect(backend).toBe(module.get(BackendClient).backend('catalog'));
  });

  it('lets a test provide a service without ThrottleModule', async () => {
    const replacement = {};
    const provider = {
      provide: getBackendToken('catalog'),
      useValue: replacement,
    };
    const module = await Test.createTestingModule({
      providers: [Injecting, Limited, LimitedAsAWhole, provider],
    }).compile();

    expect(module.get(Injecting).catalog).toBe(replacement);
    expect(module.get(Limited).find()).toBe('found');
    expect(Reflect.ownKeys(module.get(Limited))).toEqual([]);
    expect(module.get(LimitedAsAWhole).find()).toBe('found');
  });

  it('lets a test replace a backend in the whole application', async () => {
    const replacement = {};
    const module = await Test.createTestingModule({
      imports: [ThrottleModule.forRoot(options)],
      providers: [Injecting],
    })
      .overrideProvider(getBackendToken('catalog'))
      .useValue(replacement)
      .compile();
    onTestFinished(() => module.close());

    expect(module.get(Injecting).catalog).toBe(replacement);
  });
});
