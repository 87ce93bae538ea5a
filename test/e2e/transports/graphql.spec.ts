import { setTimeout as sleep } from 'node:timers/promises';
import { ApolloDriver } from '@nestjs/apollo';
import type { ApolloDriverConfig } from '@nestjs/apollo';
import { ArgumentsHost, Catch, ExceptionFilter } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import {
  Field,
  GraphQLModule,
  Mutation,
  ObjectType,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import {
  ClientRateLimitedException,
  Findings,
  RouterRateLimit,
} from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { Server, servers } from '../../support/gateway.js';
import { itemsOf } from '../../support/http-call.js';
import { busyWith, isNoBusierThan } from '../../support/leftovers.js';
import { GatewayParts, Gateway, startGateway } from '../../support/gateway.js';

const twice = { clientMaxRate: 2, clientCapacity: 2, every: '1h' } as const;

@ObjectType()
class Author {
  @Field()
  name!: string;
}

@ObjectType()
class Book {
  @Field()
  title!: string;
}

@RouterRateLimit({ ...twice, strategy: 'header', key: 'x-api-key' })
@Resolver(() => Author)
class AuthorsResolver {
  @Query(() => [Author])
  authors() {
    return ['ann', 'ben', 'cal'].map((name) => ({ name }));
  }

  @Mutation(() => Boolean)
  rename() {
    return true;
  }

  @RouterRateLimit({ ...twice, name: 'books', maxRate: 3, capacity: 3 })
  @ResolveField(() => [Book])
  books() {
    return [{ title: 'one' }, { title: 'two' }];
  }
}

@Resolver()
class PlainResolver {
  @RouterRateLimit({ ...twice, name: 'pings' })
  @Query(() => String, { nullable: true })
  ping() {
    return 'pong';
  }

  @RouterRateLimit({ maxRate: 9, capacity: 9, timeout: '30ms' })
  @Query(() => String)
  async late() {
    await sleep(2000);
    return 'late';
  }

  @Query(() => String)
  free() {
    return 'free';
  }
}

interface GraphqlAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Record<string, unknown> | null;
  readonly errors: {
    path: string[];
    message: string;
    extensions: Record<string, unknown>;
  }[];
}

async function ask(
  gateway: Gateway,
  query: string,
  headers: Record<string, string> = {},
): Promise<GraphqlAnswer> {
  const answer = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      connection: 'close',
      ...headers,
    },
    body: JSON.stringify({ query }),
  });
  const { data, errors = [] } = (await answer.json()) as GraphqlAnswer;
  return { status: answer.status, headers: answer.headers, data, errors };
}

const resolving = (
  options: Partial<ApolloDriverConfig> = {},
  parts: GatewayParts = {},
): GatewayParts => ({
  imports: [
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
      playground: false,
      introspection: true,
      ...options,
    }),
  ],
  ...parts,
  providers: [AuthorsResolver, PlainResolver, ...(parts.providers ?? [])],
});

const codesOf = ({ app }: Gateway) =>
  app.get(Findings).all.map(({ code }) => code);

/** Runs a test against an application of its own. */
async function withGateway(
  server: Server,
  parts: GatewayParts,
  test: (gateway: Gateway) => Promise<void>,
): Promise<void> {
  const gateway = await startGateway(server, {}, parts);
  try {
    await test(gateway);
  } finally {
    await gateway.close();
  }
}

describe.each(servers)('GraphQL on %s', (server) => {
  it('charges a limit once per operation, however many fields it names', () =>
    withGateway(server, resolving(), async (gateway) => {
      const five = '{ a: ping b: ping c: ping d: ping e: ping }';
      for (let i = 0; i < 2; i++) {
        const { data, errors } = await ask(gateway, five);
        expect(errors).toEqual([]);
        expect(Object.values(data!)).toEqual(Array(5).fill('pong'));
      }
      const refused = await ask(gateway, five);
      expect(refused.errors.flatMap(({ path }) => path).toSorted()).toEqual([
        ...'abcde',
      ]);
    }));

  it('refuses with an error that contains the problem document and the wait', () =>
    withGateway(server, resolving(), async (gateway) => {
      for (let i = 0; i < 2; i++) await ask(gateway, '{ ping }');
      const { errors, headers } = await ask(gateway, '{ ping }');
      expect(errors).toHaveLength(1);
      expect(errors[0].message).toMatch(/too many requests/);
      expect(errors[0].extensions).toMatchObject({
        code: 'TOO_MANY_REQUESTS',
        status: 429,
        type: expect.stringContaining('quota-exceeded') as string,
        'violated-policies': ['pings'],
      });
      expect(errors[0].extensions).not.toHaveProperty('http');
      const retryAfterMs = errors[0].extensions.retryAfterMs as number;
      expect(retryAfterMs / 1_800_000).toBeCloseTo(1, 1);
      expect(Number(headers.get('retry-after'))).toBe(
        Math.ceil(retryAfterMs / 1000),
      );
    }));

  it('answers the fields without a limit', () =>
    withGateway(server, resolving(), async (gateway) => {
      for (let i = 0; i < 2; i++) await ask(gateway, '{ ping }');
      const { data, errors } = await ask(gateway, '{ ping free }');
      expect(errors.map(({ path }) => path)).toEqual([['ping']]);
      expect(data).toEqual({ ping: null, free: 'free' });
    }));

  it('identifies clients by a header, separately for each handler of a limited resolver', () =>
    withGateway(server, resolving(), async (gateway) => {
      const seen = [];
      for (const key of ['a', 'a', 'b', 'a']) {
        const headers = { 'x-api-key': key };
        seen.push(
          (await ask(gateway, '{ authors { name } }', headers)).errors.length,
        );
      }
      expect(seen).toEqual([0, 0, 0, 1]);
      const { errors } = await ask(gateway, 'mutation { rename }', {
        'x-api-key': 'a',
      });
      expect(errors).toEqual([]);
      const unknown = await ask(gateway, '{ authors { name } }');
      expect(unknown.errors[0].extensions.status).toBe(429);
    }));

  it('charges a limited field once for all items of a list when fields run interceptors', () =>
    withGateway(
      server,
      resolving({ fieldResolverEnhancers: ['interceptors'] }),
      async (gateway) => {
        const query = '{ authors { name books { title } } }';
        const seen = [];
        for (const key of ['a', 'b', 'c']) {
          const { errors } = await ask(gateway, query, { 'x-api-key': key });
          seen.push(errors.length);
        }
        expect(seen.slice(0, 2)).toEqual([0, 0]);
        expect(seen[2]).toBeGreaterThan(0);
        expect(codesOf(gateway)).not.toContain('field-without-interceptors');
      },
    ));

  it('reports a limited field that no query can reach', () =>
    withGateway(server, resolving(), async (gateway) => {
      const query = '{ authors { books { title } } }';
      const { errors } = await ask(gateway, query, { 'x-api-key': 'a' });
      expect(errors).toEqual([]);
      expect(codesOf(gateway)).toContain('field-without-interceptors');
    }));

  it('enforces a limit under concurrent operations', () =>
    withGateway(server, resolving(), async (gateway) => {
      const answers = await Promise.all(
        Array.from({ length: 64 }, () => ask(gateway, '{ ping }')),
      );
      const admitted = answers.filter(({ errors }) => errors.length === 0);
      expect(admitted).toHaveLength(2);
    }));

  it('leaves nothing behind when the application closes', async () => {
    const before = busyWith();
    await withGateway(server, resolving(), async (gateway) => {
      await ask(gateway, '{ ping late }');
    });
    await expect.poll(() => isNoBusierThan(before)).toBe(true);
  });

  it('ends a late resolver with GATEWAY_TIMEOUT', () =>
    withGateway(server, resolving(), async (gateway) => {
      const { errors } = await ask(gateway, '{ late }');
      expect(errors[0].extensions).toMatchObject({
        code: 'GATEWAY_TIMEOUT',
        status: 504,
      });
    }));

  it('sets RateLimit fields on the HTTP response if the context exposes it', () =>
    withGateway(
      server,
      resolving(
        server === 'express'
          ? {}
          : {
              context: (request: unknown, reply: unknown) => ({
                req: request,
                reply,
              }),
            },
      ),
      async (gateway) => {
        const { headers } = await ask(gateway, '{ a: ping b: ping }');
        const answer = {
          status: 200,
          text: '',
          headers: Object.fromEntries(headers),
        };
        expect(itemsOf(answer, 'ratelimit').pings.r).toBe(1);
      },
    ));

  it('gives an application filter the last word', () => {
    @Catch(ClientRateLimitedException)
    class Words implements ExceptionFilter<ClientRateLimitedException> {
      catch(exception: ClientRateLimitedException, host: ArgumentsHost) {
        return new Error(`${host.getType()}: ${exception.problem.status}`);
      }
    }
    const parts = { providers: [{ provide: APP_FILTER, useClass: Words }] };
    return withGateway(server, resolving({}, parts), async (gateway) => {
      for (let i = 0; i < 2; i++) await ask(gateway, '{ ping }');
      const { errors } = await ask(gateway, '{ ping }');
      expect(errors[0].message).toBe('graphql: 429');
    });
  });
});
