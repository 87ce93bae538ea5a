import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { servers } from '../../support/gateway.js';
import { itemsOf } from '../../support/http-call.js';
import { putForward } from '../../support/stopped-clock.js';
import { Upstream } from '../../support/upstream.js';
import { expectShown, recipe, startRecipe } from './recipe.js';

vi.mock(
  '../../../lib/stores/clock.js',
  () => import('../../support/stopped-clock.js'),
);

interface Page {
  AppModule: Type;
}

const MIB = 2 ** 20;

/** Opens an answer and reads nothing of it. */
function open(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, resolve).on('error', reject);
  });
}

describe.each(servers)('the recipe of a token budget, over %s,', (server) => {
  let model: Upstream;
  beforeAll(async () => {
    model = await Upstream.start();
    vi.stubEnv('MODEL_URL', model.url);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await model.stop();
  });

  const start = async () => {
    const { AppModule } = await recipe<Page>('llm-token-budget');
    const application = await startRecipe(server, AppModule);
    const chat = (characters: number) =>
      application.call('/chat', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prompt: 'x'.repeat(characters) }),
      });
    const left = async () =>
      itemsOf(await chat(0), 'ratelimit').tokens.r as number;
    return Object.assign(application, { chat, left });
  };
  const answer = (status: number, tokens?: number) =>
    model.behave(({ response }) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ text: 'hi', usage: { total_tokens: tokens } })),
    );

  it('charges the actual use and not the estimate', async () => {
    await using app = await start();
    answer(200, 300);
    await app.chat(400); // estimated at 600
    expect(await app.left()).toBe(10_000 - 300 - 500);
  });

  it('makes callers wait until a debt is paid off', async () => {
    await using app = await start();
    answer(200, 7000);
    expect((await app.chat(400)).status).toBe(200);
    expect((await app.chat(400)).status).toBe(200);
    const refused = await app.chat(400);
    await expectShown(refused, 'llm-token-budget');
    putForward(Number(refused.headers['retry-after']) * 1000);
    expect((await app.chat(400)).status).toBe(200);
  });

  it('keeps the estimate when the model fails', async () => {
    await using app = await start();
    answer(500);
    await app.chat(400);
    expect(await app.left()).toBe(10_000 - 600 - 500);
  });
});

describe.each(servers)('the recipe of event streams, over %s,', (server) => {
  it('limits the open streams of a client and frees a slot when one ends', async () => {
    const { AppModule } = await recipe<Page>('server-sent-events');
    await using app = await startRecipe(server, AppModule);
    const streams = await Promise.all(
      [1, 2, 3].map(() => open(`${app.url}/events`)),
    );
    for (const { statusCode, headers } of streams) {
      expect(statusCode).toBe(200);
      expect(headers['content-type']).toMatch('text/event-stream');
    }
    await expectShown(await app.call('/events'), 'server-sent-events');
    streams.pop()!.destroy();
    await expect
      .poll(async () => {
        const next = await open(`${app.url}/events`);
        streams.push(next);
        return next.statusCode;
      })
      .toBe(200);
    for (const stream of streams) stream.destroy();
  });

  it('limits how often a client reconnects', async () => {
    const { AppModule } = await recipe<Page>('server-sent-events');
    await using app = await startRecipe(server, AppModule);
    let refusedBy: unknown;
    for (let i = 0; i < 200 && refusedBy === undefined; i++) {
      const stream = await open(`${app.url}/events`);
      const reconnects = stream.headers.ratelimit as string;
      if (/"reconnects";r=0/.test(reconnects) && stream.statusCode === 429) {
        refusedBy = 'reconnects';
      }
      stream.destroy();
    }
    expect(refusedBy).toBe('reconnects');
  });
});

describe.each(servers)('the recipe of downloads, over %s,', (server) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'floodgate-files-'));
    vi.stubEnv('FILES', folder);
    for (const [name, size] of [
      ['small.pdf', 1000],
      ['large.iso', 23 * MIB],
    ] as const) {
      await writeFile(join(folder, name), '');
      await truncate(join(folder, name), size);
    }
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });
  const start = async () => {
    const { AppModule } = await recipe<Page>('file-downloads');
    return startRecipe(server, AppModule);
  };

  it('charges a file by its size and makes the client wait for its debt', async () => {
    await using app = await start();
    let bytes = 0;
    for await (const chunk of await open(`${app.url}/files/large.iso`)) {
      bytes += (chunk as Buffer).length;
    }
    expect(bytes).toBe(23 * MIB);
    const refused = await app.call('/files/small.pdf');
    await expectShown(refused, 'file-downloads');
    putForward(Number(refused.headers['retry-after']) * 1000);
    expect((await app.call('/files/small.pdf')).status).toBe(200);
  });

  it('charges a client that hangs up for what was read and not for the whole file', async () => {
    await using app = await start();
    const large = await open(`${app.url}/files/large.iso`);
    for await (const chunk of large) {
      expect((chunk as Buffer).length).toBeGreaterThan(0);
      break; // hangs up
    }
    const left = async () =>
      itemsOf(await app.call('/files/small.pdf'), 'ratelimit').mebibytes
        .r as number;
    await expect.poll(left).toBeGreaterThan(0);
    expect(await left()).toBeLessThan(20);
  });

  it('limits the open downloads of a client', async () => {
    await using app = await start();
    const large = `${app.url}/files/large.iso`;
    const opened = [await open(large), await open(large), await open(large)];
    expect(opened.map(({ statusCode }) => statusCode)).toEqual([200, 200, 429]);
    for (const answer of opened) answer.destroy();
  });

  it.each(['../secret', '..%2fsecret', 'absent.pdf', '.pdf'])(
    'finds no file for %s',
    async (name) => {
      await using app = await start();
      expect((await app.call(`/files/${name}`)).status).toBe(404);
    },
  );
});
