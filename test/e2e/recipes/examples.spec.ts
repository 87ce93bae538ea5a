import { Controller, Get } from '@nestjs/common';
import type { ExecutionContext, Type } from '@nestjs/common';
import * as fc from 'fast-check';
import {
  FragmentDefinitionNode,
  Kind,
  OperationDefinitionNode,
  parse,
} from 'graphql';
import { RouterRateLimit, ThrottleService } from 'nestjs-floodgate';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runBlocks } from '../../support/doc-blocks.js';
import { Gateway, servers, startGateway } from '../../support/gateway.js';
import { httpCall } from '../../support/http-call.js';

type Limits = Parameters<typeof RouterRateLimit>[0];

interface Recipes {
  byAddress: Limits;
  queryCost(context: ExecutionContext): number;
  tenantOf(context: ExecutionContext): string | undefined;
  pathOf(...segments: string[]): string;
  describe(
    throttle: ThrottleService,
    context: ExecutionContext,
  ): Promise<string>;
}

let recipes: Recipes;
beforeAll(async () => {
  recipes = Object.assign({}, ...(await runBlocks('docs/recipes.md')));
});

const gateways: Gateway[] = [];
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
});

async function start(server: (typeof servers)[number], controller: Type) {
  const parts = { controllers: [controller], trustProxy: true };
  const gateway = await startGateway(server, {}, parts);
  gateways.push(gateway);
  return (headers: Record<string, string | string[]>) =>
    httpCall(`${gateway.url}/`, { headers: headers as Record<string, string> });
}

describe.each(servers)('a recipe, over %s', (server) => {
  it('bounds a larger network of IPv6, and not others', async () => {
    @Controller()
    class AddressController {
      @RouterRateLimit(recipes.byAddress)
      @Get()
      get() {}
    }
    const call = await start(server, AddressController);
    const statusOf = async (address: string) =>
      (await call({ 'x-forwarded-for': address })).status;
    const lines = Array.from({ length: 400 }, (_, i) => i.toString(16));
    const statuses = await Promise.all(
      lines.map((line) => statusOf(`2001:db8:1:${line}::1`)),
    );
    expect(statuses.filter((status) => status === 200).length).toBeLessThan(
      400,
    );
    expect(statuses).toContain(429);
    expect(await statusOf('2001:db8:2:ffff::1')).toBe(200);
  });

  it('takes all ways to write one client for one, and several clients for none', async () => {
    @Controller()
    class TenantController {
      @RouterRateLimit({
        clientMaxRate: 1,
        every: '1h',
        strategy: (context) => recipes.tenantOf(context),
      })
      @Get()
      get() {}
    }
    const call = await start(server, TenantController);
    const statusOf = async (tenant: string | string[]) =>
      (await call({ 'x-tenant': tenant })).status;
    const utf8 = (text: string) => Buffer.from(text).toString('latin1');
    expect(await statusOf(utf8('Zoë'))).toBe(200);
    for (const same of ['Zoë', 'ZOË', 'zoe\u0308', ' zoë ', 'ｚｏë']) {
      expect(await statusOf(utf8(same))).toBe(429);
    }
    expect(await statusOf('other')).toBe(200);
    expect(await statusOf(['a', 'b'])).toBe(429);
    expect(await statusOf('a, b')).toBe(429);
  });
});

describe('the cost of a query', () => {
  const costOf = (text: string) => {
    const { definitions } = parse(text);
    const operation = definitions.find(
      (one): one is OperationDefinitionNode =>
        one.kind === Kind.OPERATION_DEFINITION,
    );
    const fragments = Object.fromEntries(
      definitions
        .filter(
          (one): one is FragmentDefinitionNode =>
            one.kind === Kind.FRAGMENT_DEFINITION,
        )
        .map((one) => [one.name.value, one]),
    );
    const context = { getArgByIndex: () => ({ operation, fragments }) };
    return recipes.queryCost(context as unknown as ExecutionContext);
  };

  it.each([
    ['{ a }', 1],
    ['{ a b }', 2],
    ['{ x: a y: a z: a }', 3],
    ['{ a { b } }', 3],
    ['{ a { b { c } } }', 7],
    ['{ a { ... on T { b } } }', 3],
    ['query { ...f } fragment f on Query { a { b } }', 3],
    ['query { a { ...f ...f } } fragment f on T { b }', 5],
  ])('of %s is %d', (text, cost) => {
    expect(costOf(text)).toBe(cost);
  });

  it('is worked out at once where fragments double it thirty times', () => {
    const fragments = Array.from(
      { length: 30 },
      (_, i) => `fragment f${i} on T { ...f${i + 1} ...f${i + 1} }`,
    );
    const text = `{ ...f0 } ${fragments.join(' ')} fragment f30 on T { a }`;
    expect(costOf(text)).toBe(2 ** 30);
  });
});

describe('a path made from user input', () => {
  it('has the segments that it was made of, whatever they hold', () => {
    const held = fc.property(fc.string({ unit: 'binary' }), (id) => {
      fc.pre(!/^\.{0,2}$/.test(id) && isWhole(id));
      const path = recipes.pathOf('products', id);
      const { pathname, search, host } = new URL(path, 'http://catalog');
      expect([search, host]).toEqual(['', 'catalog']);
      const [, first, second, ...others] = pathname.split('/');
      expect([first, decodeURIComponent(second), others]).toEqual([
        'products',
        id,
        [],
      ]);
    });
    const examples = ['../x', '%2e%2e', '?a', '#', '//x', '\\', '...'];
    fc.assert(held, { examples: examples.map((id): [string] => [id]) });
  });

  it.each(['', '.', '..', '\ud800'])('is refused for %j', (id) => {
    expect(() => recipes.pathOf('products', id)).toThrow('This is no name.');
  });
});

/** Whether no half of a pair stands alone. */
function isWhole(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}

describe('a line about a request', () => {
  it('is one line, whatever its caller wrote', async () => {
    const key = 'a\r\nFAKE\u001b[31m';
    const throttle = {
      explain: () => ({ buckets: [{ policy: 'client', key, tokens: 3 }] }),
    };
    const line = await recipes.describe(
      throttle as unknown as ThrottleService,
      {} as ExecutionContext,
    );
    expect(line).toBe('client a\\u{d}\\u{a}FAKE\\u{1b}[31m: 3 left');
  });
});
