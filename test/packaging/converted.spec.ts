import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { Controller, RequestMapping, RequestMethod } from '@nestjs/common';
import type { HttpException, Type } from '@nestjs/common';
import type { AxiosResponse } from 'axios';
import { BackendClient, RouterRateLimit } from 'nestjs-floodgate';
import type { ThrottleOptions } from 'nestjs-floodgate';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moduleText } from '../../lib/cli/convert.js';
import { fromKrakend } from '../../lib/krakend/index.js';
import { startGateway } from '../support/gateway.js';
import { Upstream } from '../support/upstream.js';
import { REPOSITORY } from './tarball.js';

const FILES = join(REPOSITORY, 'test/krakend-files');
const names = readdirSync(FILES).map((file) => basename(file, '.json'));
let folder: string;

beforeAll(() => {
  mkdirSync(join(REPOSITORY, 'build'), { recursive: true });
  folder = mkdtempSync(join(REPOSITORY, 'build', 'converted-'));
  for (const name of names) {
    const imported = fromKrakend(join(FILES, `${name}.json`));
    writeFileSync(
      join(folder, `${name}.ts`),
      moduleText(`${name}.json`, imported),
    );
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the output of floodgate convert', () => {
  it("compiles under the library's own strict settings", () => {
    const path = join(REPOSITORY, 'tsconfig.json');
    const { config } = ts.readConfigFile(path, ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(
      config,
      ts.sys,
      REPOSITORY,
    );
    const files = names.map((name) => join(folder, `${name}.ts`));
    const program = ts.createProgram(files, options);
    const faults = files.flatMap((file) => {
      const source = program.getSourceFile(file);
      return [
        ...program.getSyntacticDiagnostics(source),
        ...program.getSemanticDiagnostics(source),
      ].map(({ messageText }) =>
        ts.flattenDiagnosticMessageText(messageText, ' '),
      );
    });
    expect(faults).toEqual([]);
  }, 120_000);

  it.each(names)(
    'boots an application with the same limits as KrakenD: %s',
    async (name) => {
      const { options } = (await import(join(folder, `${name}.ts`))) as {
        options: ThrottleOptions;
      };
      const upstream = await Upstream.start();
      const gateway = await startGateway('express', at(upstream.url, options), {
        controllers: [controllerOf(Object.keys(options.routes ?? {}))],
      });
      try {
        const { method, path, backend, answers } = BURSTS[name];
        const client = gateway.app.get(BackendClient);
        const call = backend
          ? () => statusOf(client.get(backend, '/'))
          : () =>
              fetch(gateway.url + path, { method }).then(
                ({ status }) => status,
              );
        const statuses = await Promise.all(Array.from({ length: 100 }, call));
        expect([...new Set(statuses)].toSorted()).toEqual(answers);
      } finally {
        await gateway.close();
        await upstream.stop();
      }
    },
  );
});

/** A hundred calls at once, and the different answers to them: by the route, or by the backend of an entry. */
const BURSTS: Record<
  string,
  { method?: string; path?: string; backend?: string; answers: number[] }
> = {
  'both-layers': { backend: 'GET:users.id:mock-api', answers: [200, 503] },
  breakers: { path: '/limited', answers: [200, 503] },
  'burst-above-rate': { path: '/health', answers: [200, 429] },
  'claim-as-key': { path: '/echo', answers: [429] },
  'dead-names': { method: 'POST', path: '/login', answers: [201] },
  'no-capacity': { path: '/orders/1', answers: [200, 429] },
  'numbers-as-texts': { path: '/users/1', answers: [200] },
  'partial-answers': { path: '/front', answers: [200, 503] },
  'per-minute': { backend: 'GET:roles:main', answers: [200, 503] },
  'service-limit': { path: '/v1/hello', answers: [200] },
  tiers: { path: '/test', answers: [200, 503] },
  'version-2': { path: '/shows/1', answers: [200, 429] },
  'version-3': { path: '/shows/1', answers: [200, 429] },
};

/** The options with every backend at one place. */
function at(url: string, options: ThrottleOptions): ThrottleOptions {
  const backends = Object.entries(options.backends ?? {}).map(
    ([name, backend]) => [name, { ...backend, hosts: [url] }],
  );
  return { ...options, backends: Object.fromEntries(backends) };
}

/** A controller with a handler for each route. */
function controllerOf(routes: readonly string[]): Type {
  class Served {}
  routes.forEach((key, i) => {
    const [method, path] = key.split(' ');
    const name = `handler${i}`;
    const handler = { value: () => 'ok', writable: true };
    Object.defineProperty(Served.prototype, name, handler);
    const mapping = {
      method: RequestMethod[method as keyof typeof RequestMethod],
      path: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    };
    for (const decorate of [RequestMapping(mapping), RouterRateLimit()])
      (decorate as MethodDecorator)(Served.prototype, name, handler);
  });
  Controller()(Served);
  return Served;
}

/** The status that a call answers, or that a refusal of it stands for. */
async function statusOf(call: Promise<AxiosResponse>): Promise<number> {
  try {
    return (await call).status;
  } catch (error) {
    return (error as HttpException).getStatus();
  }
}
