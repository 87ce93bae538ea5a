import type { ExecutionContext } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import {
  applyDecorators,
  Controller,
  createParamDecorator,
  Get,
  Injectable,
  Module,
  ModuleMetadata,
  OnApplicationBootstrap,
  OnModuleInit,
  SetMetadata,
  Type,
} from '@nestjs/common';
import {
  Explanation,
  RouterRateLimit,
  ThrottleService,
} from 'nestjs-floodgate';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  copyMetadata,
  spanEachCall,
} from '../../support/instrumented/span-each-call.js';
import {
  everywhere,
  Gateway,
  GatewayParts,
  startGateway,
} from '../../support/gateway.js';
import { httpCall, itemsOf, statusesOf } from '../../support/http-call.js';

type Method = (...args: unknown[]) => unknown;
type Methods = Record<string, Method>;

const twice = { maxRate: 2, capacity: 2, every: '1h' } as const;

/** Puts something around a method, as tracers, caches and transactions do. */
function around(method: Method): Method {
  return function (this: unknown, ...args) {
    return method.apply(this, args);
  };
}

/** What becomes of the marks of a method that is wrapped. */
const wrappers = {
  copied(method: Method) {
    const wrapper = around(method);
    copyMetadata(method, wrapper);
    return wrapper;
  },
  inherited: (method: Method) => Object.setPrototypeOf(around(method), method),
  lost: around,
} satisfies Record<string, (method: Method) => Method>;

/** A decorator of methods that replaces them and keeps their marks. */
const Transactional = (): MethodDecorator => (_target, _name, descriptor) => {
  const { value } = descriptor;
  (descriptor as PropertyDescriptor).value = wrappers.copied(
    value as unknown as Method,
  );
};

function makeControllers() {
  @Controller('handler')
  class HandlerController {
    @RouterRateLimit(twice)
    @Get()
    find() {
      return 'found';
    }
  }

  @RouterRateLimit(twice)
  @Controller('controller')
  class LimitedController {
    @Get()
    find() {
      return 'found';
    }
  }

  class Listing {
    @RouterRateLimit(twice)
    @Get()
    find() {
      return 'found';
    }
  }

  @Controller('inherited')
  class InheritedController extends Listing {}

  return [HandlerController, LimitedController, InheritedController] as Type[];
}

const times = [
  'constructor',
  'onModuleInit',
  'onApplicationBootstrap',
] as const;

/** A provider that wraps the methods of controllers at a time of its choice. */
function aspect(
  when: (typeof times)[number],
  wrap: (modules: ModuleRef) => void,
): Type {
  @Injectable()
  class Aspect implements OnModuleInit, OnApplicationBootstrap {
    constructor(private readonly modules: ModuleRef) {
      if (when === 'constructor') wrap(modules);
    }
    onModuleInit() {
      if (when === 'onModuleInit') wrap(this.modules);
    }
    onApplicationBootstrap() {
      if (when === 'onApplicationBootstrap') wrap(this.modules);
    }
  }
  return Aspect;
}

function wrapAll(objects: Methods[], how: keyof typeof wrappers): void {
  for (const object of objects) object.find = wrappers[how](object.find);
}

/** An application whose controllers a provider wraps, their prototypes or their instances. */
function wrappedParts(
  where: 'prototypes' | 'instances',
  how: keyof typeof wrappers,
  when: (typeof times)[number],
): GatewayParts {
  const controllers = makeControllers();
  const wrap = (modules: ModuleRef) =>
    wrapAll(
      controllers.map((controller) =>
        where === 'prototypes'
          ? (controller.prototype as Methods)
          : modules.get<Methods>(controller, { strict: false }),
      ),
      how,
    );
  const providers = [aspect(when, wrap)];
  return when === 'onModuleInit'
    ? { controllers, imports: [deepModule({ providers })] }
    : { controllers, providers };
}

/** A module far below the root, so that it comes up before all others. */
function deepModule(metadata: ModuleMetadata): Type {
  let module: Type | undefined;
  for (let depth = 0; depth < 4; depth++) {
    @Module(module ? { imports: [module] } : metadata)
    class DeepModule {}
    module = DeepModule;
  }
  return module!;
}

/** Each makes an application in which something stands around the handlers. */
const wrappings: [string, () => GatewayParts][] = [
  ...times.flatMap((when) =>
    (['copied', 'inherited'] as const).map(
      (how): [string, () => GatewayParts] => [
        `a provider wraps prototypes in its ${when}, their metadata ${how}`,
        () => wrappedParts('prototypes', how, when),
      ],
    ),
  ),
  ...(['onModuleInit', 'onApplicationBootstrap'] as const).flatMap((when) =>
    (['copied', 'inherited', 'lost'] as const).map(
      (how): [string, () => GatewayParts] => [
        `a provider wraps instances in its ${when}, their metadata ${how}`,
        () => wrappedParts('instances', how, when),
      ],
    ),
  ),
  ...[true, false].map((keeps): [string, () => GatewayParts] => [
    `instrument decorates instances, ${keeps ? 'with' : 'without'} metadata`,
    () => ({
      controllers: makeControllers(),
      options: {
        instrument: {
          instanceDecorator: spanEachCall(() => () => {}, keeps),
        },
      },
    }),
  ]),
  [
    'methods are bound in the constructor',
    () => ({ controllers: makeControllers().map(withBoundMethod) }),
  ],
  [
    'methods are fields of the instance',
    () => ({ controllers: makeControllers().map(withOwnMethod) }),
  ],
];

/** The controller, whose constructor binds its method: the bound one has no metadata. */
function withBoundMethod(Base: Type): Type {
  class BoundController extends (Base as Type<Methods>) {
    constructor() {
      super();
      this.find = this.find.bind(this);
    }
  }
  copyMetadata(Base, BoundController);
  return BoundController;
}

/** The controller, whose instances have a method of their own in place of the marked one. */
function withOwnMethod(Base: Type): Type {
  class OwnController extends (Base as Type<Methods>) {
    constructor() {
      super();
      this.find = around(this.find);
    }
  }
  copyMetadata(Base, OwnController);
  return OwnController;
}

const paths = ['/handler', '/controller', '/inherited'];

async function startFor(
  { server, phase }: (typeof everywhere)[number],
  parts: GatewayParts,
): Promise<Gateway> {
  const gateway = await startGateway(server, { phase }, parts);
  onTestFinished(() => gateway.close());
  return gateway;
}

describe.each(everywhere)(
  'a limited handler on $server, phase $phase, stays limited when',
  (place) => {
    it.each(wrappings)('%s', async (_, partsOf) => {
      const { url } = await startFor(place, partsOf());
      for (const path of paths) {
        const call = () => httpCall(`${url}${path}`);
        const first = await call();
        expect([path, first.status]).toEqual([path, 200]);
        expect(itemsOf(first, 'ratelimit').endpoint.r).toBe(1);
        expect([path, ...(await statusesOf(3, call))]).toEqual([
          path,
          200,
          503,
          503,
        ]);
      }
    });

    it('a decorator above or below it replaces its function', async () => {
      @Controller()
      class ReplacedController {
        @Transactional()
        @RouterRateLimit(twice)
        @Get('above')
        above() {}

        @RouterRateLimit(twice)
        @Transactional()
        @Get('below')
        below() {}

        @applyDecorators(
          SetMetadata('mark', true),
          RouterRateLimit(twice),
          Get('composed'),
        )
        composed() {}
      }
      const { url } = await startFor(place, {
        controllers: [ReplacedController],
      });
      for (const path of ['/above', '/below', '/composed']) {
        const call = () => httpCall(`${url}${path}`);
        expect(await statusesOf(3, call)).toEqual([200, 200, 503]);
      }
    });
  },
);

describe.each(everywhere)(
  'explain on $server, phase $phase, with wrapped handlers',
  (place) => {
    const inContext = createParamDecorator(
      (_: unknown, context: ExecutionContext) => context,
    );

    it.each([true, false])(
      'shows the limit of the route (metadata kept: %s)',
      async (keeps) => {
        @Controller()
        class ExplainedController {
          constructor(private readonly throttle: ThrottleService) {}

          @RouterRateLimit(twice)
          @Get('explained')
          explained(@inContext() context: ExecutionContext) {
            return this.throttle.explain(context);
          }
        }
        const instanceDecorator = spanEachCall(() => () => {}, keeps);
        const { url } = await startFor(place, {
          controllers: [ExplainedController],
          options: { instrument: { instanceDecorator } },
        });
        const answer = await httpCall(`${url}/explained`);
        const { buckets } = JSON.parse(answer.text) as Explanation;
        expect(buckets).toMatchObject([{ scope: 'endpoint', maxRate: 2 }]);
        expect(Math.floor(buckets[0].tokens ?? -1)).toBe(1);
      },
    );
  },
);
