import type { Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { run } from '../command.js';
import {
  checkTypes,
  compile,
  compilers,
  makeProject,
  moduleForms,
  nestMajors,
  resolutions,
} from '../nest-project.js';
import type { NestMajor } from '../nest-project.js';
import { startPrices, urlOf } from '../prices-upstream.js';
import { startApplication } from '../running-application.js';
import type { RunningApplication } from '../running-application.js';

const MINUTE_MS = 60_000;
const folder = inject('workshop');

/** What Retry-After says, to the nearest hour: how long the test takes does not matter. */
const hoursToWait = (answer: Response) =>
  Math.round(Number(answer.headers.get('retry-after')) / 3600);

describe.each(nestMajors)('the package on Nest %i', (nest) => {
  const project = join(folder, `peers-${nest}`);
  let prices: Server;

  beforeAll(async () => {
    prices = await startPrices();
    await makeProject(project, nest, inject('tarball'));
  }, 4 * MINUTE_MS);

  afterAll(() => prices.close());

  it(
    'has types that compile in a strict application',
    () => expect(compile(project)).resolves.toBeUndefined(),
    4 * MINUTE_MS,
  );

  it.each(
    compilers.flatMap((compiler) =>
      moduleForms.flatMap((form) =>
        (Object.keys(resolutions) as (keyof typeof resolutions)[])
          .filter((resolution) => isPossible(nest, form, resolution))
          .map((resolution) => ({ compiler, form, resolution })),
      ),
    ),
  )(
    'has types that $compiler reads with resolution $resolution, as $form',
    ({ compiler, form, resolution }) =>
      expect(
        checkTypes(project, form, resolution, compiler),
      ).resolves.toBeUndefined(),
  );

  it(
    'gives CommonJS the same classes as an import',
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
    'includes its command line and keeps the KrakenD import separate',
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

      it('forwards backend answers until its entry is used up, then refuses with 503', async () => {
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

      it("leaves a 404 of the backend an AxiosError for the application's own axios", async () => {
        const answer = await get('/prices/unknown');

        expect(await answer.json()).toEqual({ status: 404 });
      });

      it('exits cleanly when told to', async () => {
        const code = await application.stop();

        expect({ code, complaints: application.complaints() }).toEqual({
          code: null, // ended by the signal, which Nest raises again after its shutdown hooks
          complaints: '',
        });
      });
    });
  });
});

/** Nest 12 is ES modules alone, which neither node10 finds nor CommonJS may name under node16. */
function isPossible(
  nest: NestMajor,
  form: (typeof moduleForms)[number],
  resolution: keyof typeof resolutions,
): boolean {
  if (resolution === 'node10') return nest === 11 && form === 'commonjs';
  return !(nest === 12 && form === 'commonjs' && resolution === 'node16');
}
