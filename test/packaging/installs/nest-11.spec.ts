import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../support/redis/free-port.js';
import { askAsInReadme, printedAnswers } from '../ask-application.js';
import { run } from '../command.js';
import { pasteFiveMinutes } from '../five-minutes.js';
import type { PastedApplication } from '../five-minutes.js';
import { generate, makeScaffold } from '../scaffold.js';
import { writeSpecs } from '../shop-specs.js';

const folder = join(inject('workshop'), 'nest-11');
const npx = (...args: string[]) =>
  run('npx', ['--no', '--', ...args], folder, 240_000);
let shop: PastedApplication;

beforeAll(async () => {
  await makeScaffold(folder, 'nest-11', inject('tarball'), {
    '@swc/cli': '^0.8.0',
    '@swc/core': '^1.16.0',
    '@swc/jest': '^0.2.39',
  });
  shop = await pasteFiveMinutes(folder, await freePort());
  await writeSpecs(folder, 'jest');
});

describe('a new Nest 11 application', () => {
  it('answers as the README shows, a few commands after `nest new`', async () => {
    const answers = await askAsInReadme(shop, ['npm', 'start']);
    expect(answers).toEqual(await printedAnswers());
  });

  it('runs the specs of the docs under Jest with ts-jest', () =>
    expect(npx('jest', '--ci')).resolves.toBeDefined());

  it('runs the specs of the docs under Jest with @swc/jest', async () => {
    const config = await jestWith('@swc/jest', {
      jsc: {
        target: 'es2023',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
      },
    });
    await expect(npx('jest', '--ci', '-c', config)).resolves.toBeDefined();
  });

  it.each(['tsc', 'swc', 'webpack'])('builds with %s', async (builder) => {
    await rm(join(folder, 'dist'), { recursive: true, force: true });
    await npx('nest', 'build', '--builder', builder);
    const answers = await askAsInReadme(shop, [process.execPath, 'dist/main']);
    expect(answers).toEqual(await printedAnswers());
  });

  // It makes the application a monorepo, so it comes last.
  it('may keep its limits in a monorepo library', async () => {
    await generate(folder, 'library', ['--name=shop', '--prefix=@app']);
    const source = join(folder, 'libs/shop/src');
    const code = await readFile(join(folder, 'src/app.module.ts'), 'utf8');
    await writeFile(join(source, 'shop.module.ts'), code);
    const exported = "export * from './shop.module';\n";
    await writeFile(join(source, 'index.ts'), exported);
    const again = "export { AppModule } from '@app/shop';\n";
    await writeFile(join(folder, 'src/app.module.ts'), again);
    await rm(join(folder, 'dist'), { recursive: true, force: true });
    await npx('nest', 'build', '--builder', 'webpack');
    const answers = await askAsInReadme(shop, [process.execPath, 'dist/main']);
    expect(answers).toEqual(await printedAnswers());
  });
});

/** The scaffold's configuration of Jest with another transform. */
async function jestWith(transform: string, options: object): Promise<string> {
  const file = await readFile(join(folder, 'package.json'), 'utf8');
  const { jest } = JSON.parse(file) as { jest: object };
  const config = {
    ...jest,
    rootDir: 'src',
    transform: { '^.+\\.(t|j)s$': [transform, options] },
  };
  const name = `jest.${transform.replaceAll('/', '-')}.json`;
  await writeFile(join(folder, name), JSON.stringify(config));
  return name;
}
