import type { ExecutionContext, Type } from '@nestjs/common';
import { ApolloDriver, ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule } from '@nestjs/graphql';
import {
  FragmentDefinitionNode,
  Kind,
  OperationDefinitionNode,
  parse,
} from 'graphql';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { blocksIn } from '../../support/doc-blocks.js';
import { servers, startGateway } from '../../support/gateway.js';
import { documentOf, httpCall } from '../../support/http-call.js';
import { putForward } from '../../support/stopped-clock.js';
import { recipe, startRecipe } from './recipe.js';

vi.mock(
  '../../../lib/stores/clock.js',
  () => import('../../support/stopped-clock.js'),
);

interface Page {
  AppModule: Type;
  ResolverBefore: Type;
  queryCost(context: ExecutionContext): number;
}

interface Answered {
  data: Record<string, unknown>;
  errors?: { extensions: Record<string, unknown> }[];
}

let page: Page;
beforeAll(async () => {
  page = await recipe<Page>('graphql-cost');
});

async function ask(url: string, query: string): Promise<Answered> {
  const answer = await httpCall(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return documentOf(answer) as unknown as Answered;
}

const aliases = (count: number, field: string) =>
  `{ ${Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(' ')} }`;

describe.each(servers)('the recipe of GraphQL, over %s,', (server) => {
  it('starts with a limit that charges one for any number of aliases', async () => {
    const gateway = await startGateway(
      server,
      {},
      {
        imports: [
          GraphQLModule.forRoot<ApolloDriverConfig>({
            driver: ApolloDriver,
            autoSchemaFile: true,
          }),
        ],
        providers: [page.ResolverBefore],
      },
    );
    const first = await ask(gateway.url, aliases(1000, 'ping'));
    for (let i = 1; i < 20; i++) {
      expect((await ask(gateway.url, '{ ping }')).errors).toBeUndefined();
    }
    const last = await ask(gateway.url, '{ ping }');
    await gateway.close();
    expect(Object.values(first.data)).toEqual(Array(1000).fill('pong'));
    expect(last.errors).toHaveLength(1);
  });

  it('charges aliases and depth, and says when enough points are back', async () => {
    await using app = await startRecipe(server, page.AppModule);
    const { data, errors } = await ask(
      app.url,
      aliases(14, 'authors { books { title } }'),
    ); // 98 points
    expect(errors).toBeUndefined();
    expect(Object.keys(data)).toHaveLength(14);

    const refused = await ask(app.url, '{ authors { books { title } } }');
    const [shown] = await blocksIn('json', 'docs/recipes/graphql-cost.md');
    expect(refused).toMatchObject(JSON.parse(shown) as Answered);
    const [{ extensions }] = refused.errors!;
    putForward(extensions.retryAfterMs as number);
    const later = await ask(app.url, '{ authors { books { title } } }');
    expect(later.data).toEqual({ authors: [{ books: [{ title: 'One' }] }] });
  });

  it('never admits a query above the capacity, and names no wait', async () => {
    await using app = await startRecipe(server, page.AppModule);
    const { errors } = await ask(app.url, aliases(34, 'authors { name }'));
    expect(errors![0].extensions).not.toHaveProperty('retryAfterMs');
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
    return page.queryCost(context as unknown as ExecutionContext);
  };

  it.each([
    ['{ a }', 1],
    ['{ a b }', 2],
    ['{ x: a y: a z: a }', 3],
    ['{ authors { name } }', 3],
    ['{ a: authors { name } b: authors { name } }', 6],
    ['{ authors { books { title } } }', 7],
    ['{ a { ... on T { b } } }', 3],
    ['query { ...f } fragment f on Query { a { b } }', 3],
    ['query { a { ...f ...f } } fragment f on T { b }', 5],
  ])('for %s is %d', (text, cost) => {
    expect(costOf(text)).toBe(cost);
  });

  it('is computed at once when fragments double it thirty times', () => {
    const fragments = Array.from(
      { length: 30 },
      (_, i) => `fragment f${i} on T { ...f${i + 1} ...f${i + 1} }`,
    );
    const text = `{ ...f0 } ${fragments.join(' ')} fragment f30 on T { a }`;
    expect(costOf(text)).toBe(2 ** 30);
  });
});
