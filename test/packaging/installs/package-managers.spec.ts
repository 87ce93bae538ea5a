import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { askAsInReadme, printedAnswers } from '../ask-application.js';
import { run } from '../command.js';
import { writeCompiledApplication } from '../compiled-application.js';

const workshop = inject('workshop');
const MINUTE_MS = 60_000;

/** From CommonJS, Plug’n’Play cannot load Nest 12, which is ES modules alone, on every Node. */
const nests = { module: '^12.0.1', commonjs: '^11.0.1' } as const;

/** What `npm install` of the README brings, and what the application itself names. */
const dependencies = (form: keyof typeof nests) => ({
  '@nestjs/common': nests[form],
  '@nestjs/core': nests[form],
  '@nestjs/platform-express': nests[form],
  axios: '^1.7.0',
  'nestjs-floodgate': `file:${inject('tarball')}`,
  'reflect-metadata': '^0.2.2',
  rxjs: '^7.8.1',
});

/** Where npm is set up to ask; the others are asked the same. */
const registry = async () =>
  (await run('npm', ['config', 'get', 'registry'], workshop)).trim();

async function packageManager(name: string, version: string): Promise<string> {
  const folder = join(workshop, `manager-${name.replace('/', '-')}`);
  await mkdir(folder, { recursive: true });
  await writeJson(join(folder, 'package.json'), {
    private: true,
    dependencies: { [name]: version },
  });
  await run('npm', ['install', '--prefer-offline', '--no-audit'], folder);
  return join(folder, 'node_modules', name);
}

describe.each(['module', 'commonjs'] as const)(
  'an application as %s',
  (form) => {
    it('answers as the README shows when pnpm installs it without hoisting', async () => {
      const folder = join(workshop, `pnpm-${form}`);
      const shop = await writeCompiledApplication(
        folder,
        form,
        dependencies(form),
      );
      const pnpm = await packageManager('pnpm', '^10.0.0');
      const options = [
        '--config.node-linker=isolated',
        '--config.hoist=false',
        '--config.public-hoist-pattern=',
        '--config.strict-peer-dependencies=true',
        '--ignore-scripts',
        `--registry=${await registry()}`,
      ];
      const install = [join(pnpm, 'bin/pnpm.cjs'), 'install', ...options];
      await run(process.execPath, install, folder, 3 * MINUTE_MS);
      const answers = await askAsInReadme(shop, [
        process.execPath,
        'src/main.js',
      ]);
      expect(answers).toEqual(await printedAnswers());
    });

    it('answers as the README shows when Yarn installs it with Plug’n’Play', async () => {
      const folder = join(workshop, `pnp-${form}`);
      const shop = await writeCompiledApplication(
        folder,
        form,
        dependencies(form),
      );
      const yarn = join(
        await packageManager('@yarnpkg/cli-dist', '^4.0.0'),
        'bin/yarn.js',
      );
      await writeFile(join(folder, 'yarn.lock'), '');
      await run(process.execPath, [yarn, 'install'], folder, 3 * MINUTE_MS, {
        YARN_NODE_LINKER: 'pnp',
        YARN_NPM_REGISTRY_SERVER: await registry(),
        YARN_UNSAFE_HTTP_WHITELIST: '*',
        YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
        YARN_ENABLE_TELEMETRY: '0',
        YARN_ENABLE_SCRIPTS: 'false',
        YARN_ENABLE_GLOBAL_CACHE: 'false',
      });
      const command = [process.execPath, yarn, 'node', 'src/main.js'];
      const answers = await askAsInReadme(shop, command);
      expect(answers).toEqual(await printedAnswers());
    });
  },
);

function writeJson(path: string, content: unknown): Promise<void> {
  return writeFile(path, JSON.stringify(content, undefined, 2));
}
