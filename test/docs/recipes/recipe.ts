import type { Type } from '@nestjs/common';
import { expect } from 'vitest';
import { blocksIn, runBlocks } from '../../support/doc-blocks.js';
import { GatewayParts, Server, startGateway } from '../../support/gateway.js';
import { Answer, CallOptions, httpCall } from '../../support/http-call.js';

const pageOf = (name: string) => `docs/recipes/${name}.md`;

/** All that the code of a recipe exports, as it stands in its page. */
export async function recipe<Exports>(name: string): Promise<Exports> {
  const modules = await runBlocks(pageOf(name));
  return Object.assign({}, ...modules) as Exports;
}

/** The application of a recipe on a real socket. */
export interface RecipeApplication extends AsyncDisposable {
  readonly url: string;
  readonly app: Awaited<ReturnType<typeof startGateway>>['app'];
  call(path: string, options?: CallOptions): Promise<Answer>;
}

export async function startRecipe(
  server: Server,
  module: Type,
  parts: GatewayParts = {},
): Promise<RecipeApplication> {
  const { app, url } = await startGateway(server, { module }, parts);
  return {
    app,
    url,
    call: (path, options) => httpCall(`${url}${path}`, options),
    [Symbol.asyncDispose]: () => app.close(),
  };
}

/** Holds an answer against the one that the recipe shows in its n-th block of HTTP. */
export async function expectShown(
  { status, headers, text }: Answer,
  name: string,
  n = 0,
): Promise<void> {
  const shown = (await blocksIn('http', pageOf(name)))[n];
  const [head, body] = shown.trim().split('\n\n');
  const [first, ...fields] = head.split('\n');
  expect(status).toBe(Number(first.split(' ')[1]));
  for (const field of fields) {
    const [title] = field.split(': ', 1);
    const got = String(headers[title.toLowerCase()]);
    // Servers write lists with and without spaces.
    expect(`${title}: ${got.replaceAll(/, ?/g, ', ')}`).toBe(field);
  }
  expect(JSON.parse(text)).toEqual(JSON.parse(body));
}
