import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './command.js';
import {
  compile,
  makeProject,
  moduleForms,
  nestMajors,
} from './nest-project.js';
import { startPrices, urlOf } from './prices-upstream.js';
import { packagesCanBeInstalled } from './registry.js';
import { startApplication } from './running-application.js';
import type { RunningApplication } from './running-application.js';
import { packLibrary } from './tarball.js';
import type { Tarball } from './tarball.js';

const MINUTE_MS = 60_000;
const folder = await mkdtemp(join(tmpdir(), 'floodgate-packed-'));
const installable = await packagesCanBeInstalled();
let tarball: Tarball;

/** What Retry-After says, to the nearest hour: how long the test takes does not matter. */
const hoursToWait = (answer: Response) =>
  Math.round(Number(answer.headers.get('retry-after')) / 3600);

beforeAll(async () => {
  tarball = await packLibrary(folder);
}, 2 * MINUTE_MS);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the packed library', () => {
  it('carries its licence, its documents and what was built, and nothing else', () => {
    const [built, others] = [true, false].map((inDist) =>
      tarball.files.filter((file) => file.startsWith('dist/') === inDist),
    );

    expect(others.toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
    ]);
    expect(built).toContain('dist/index.d.ts');
    expect(built).toContain('dist/core/index.js');
    expect(built.filter((file) => !/\.(js|js\.map|d\.ts)$/.test(file))).toEqual(
      [
        'dist/fastest-levenshtein.LICENSE',
        'dist/structured-headers.LICENSE',
        'dist/zod.LICENSE',
      ],
    );
    expect(built.filter((file) => /\.(spec|fixture)\./.test(file))).toEqual([]);
  });

  it('has files of which V8 keeps one byte a character', async () => {
    const code = tarball.files.filter((file) => file.endsWith('.js'));
    expect(code).toContain('dist/index.js');
    const texts = await Promise.all(
      code.map((file) => readFile(join(folder, 'package', file), 'utf8')),
    );
    expect(code.filter((_, i) => /[^\0-\xff]/.test(texts[i]))).toEqual([]);
  });
});

describe.runIf(installable).each(nestMajors)('on Nest %i', (nest) => {
  const project = join(folder, `nest-${nest}`);
  let prices: Server;

  beforeAll(async () => {
    prices = await startPrices();
    await makeProject(project, nest, tarball.path);
  }, 4 * MINUTE_MS);

  afterAll(() => prices.close());

  it(
    'has types that a strict application compiles against',
    () => expect(compile(project)).resolves.toBeUndefined(),
    4 * MINUTE_MS,
  );

  it(
    'gives a CommonJS application the very classes that an import gives',
    async () => {
      const script = `import('nestjs-floodgate').then((imported) => {
        const required = require('nestjs-floodgate');
        const names = Object.keys(imported);
        console.log(names.length > 10 && names.every((name) => imported[name] === required[name]));
      })`;

      const same = await run(process.execPath, ['-e', script], project);

      expect(same.trim()).toBe('true');
    },
    MINUTE_MS,
  );

  it(
    'brings its command line, and the import of KrakenD files apart from the rest',
    async () => {
      const help = await run(
        process.execPath,
        [join(project, 'node_modules/.bin/floodgate'), '--help'],
        project,
      );
      const script = `import('nestjs-floodgate/krakend').then(({ fromKrakend }) => {
        console.log(Object.keys(fromKrakend({ version: 3, endpoints: [{ endpoint: '/a' }] }).options.routes).join());
      })`;
      const routes = await run(process.execPath, ['-e', script], project);

      expect(help).toContain('simulate');
      expect(routes.trim()).toBe('GET /a');
    },
    MINUTE_MS,
  );

  describe.each(moduleForms)('as %s', (form) => {
    describe.each(['express', 'fastify'])('over %s', (httpServer) => {
      let application: RunningApplication;

      beforeAll(async () => {
        application = await startApplication(join(project, form), {
          HTTP_SERVER: httpServer,
          PRICES_URL: urlOf(prices),
        });
      }, MINUTE_MS);

      afterAll(() => application?.stop(), MINUTE_MS);

      const get = (path: string) => fetch(application.url + path);

      it('answers a client within its limit and refuses it beyond', async () => {
        const answers = [];
        for (let call = 0; call < 3; call++)
          answers.push(await get('/greetings'));

        expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
        expect(await answers[0].json()).toEqual({ greeting: 'hello' });
        expect(hoursToWait(answers[2])).toBe(1);
        expect(await answers[2].json()).toMatchObject({
          status: 429,
          'violated-policies': ['client'],
        });
      });

      it('hands on what the backend answers until its entry is used up, then refuses with 503', async () => {
        const answers = [];
        for (let call = 0; call < 3; call++)
          answers.push(await get('/prices/one'));

        expect(answers.map(({ status }) => status)).toEqual([200, 200, 503]);
        expect(await answers[1].json()).toEqual({ product: 1, cents: 499 });
        expect(hoursToWait(answers[2])).toBe(1);
        expect(await answers[2].json()).toMatchObject({
          status: 503,
          detail: expect.stringContaining('"prices"') as string,
        });
      });

      it("leaves a 404 of the backend an error that the application's own axios knows", async () => {
        const answer = await get('/prices/unknown');

        expect(await answer.json()).toEqual({ status: 404 });
      });

      it('ends without a complaint when it is told to', async () => {
        const code = await application.stop();

        expect({ code, complaints: application.complaints() }).toEqual({
          code: null, // ended by the signal, which Nest raises again after its shutdown hooks
          complaints: '',
        });
      });
    });
  });
});
