import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';
import { askAsInReadme, printedAnswers } from '../ask-application.js';
import { run } from '../command.js';
import { writeCompiledApplication } from '../compiled-application.js';
import type { PastedApplication } from '../five-minutes.js';
import { install } from '../scaffold.js';

/** What Nest loads only where it is installed. */
const OPTIONAL = [
  '@nestjs/microservices',
  '@nestjs/microservices/microservices-module',
  '@nestjs/websockets',
  '@nestjs/websockets/socket-module',
  'class-transformer',
  'class-validator',
];

const bundlers = {
  esbuild: (folder: string, file: string) => {
    const external = OPTIONAL.map((name) => `--external:${name}`);
    const options = [
      '--bundle',
      '--minify',
      '--platform=node',
      '--keep-names',
      `--outfile=${file}`,
    ];
    const command = ['--no', 'esbuild', 'src/main.js'];
    return run('npx', [...command, ...options, ...external], folder);
  },
  webpack: (folder: string, file: string) =>
    run(process.execPath, ['-e', webpackScript(file)], folder),
};

function webpackScript(file: string): string {
  return `
    const webpack = require('webpack');
    const optional = ${JSON.stringify(OPTIONAL)};
    webpack({
      mode: 'production',
      target: 'node20',
      entry: './src/main.js',
      output: { path: require('node:path').dirname('${file}'), filename: 'main.js' },
      optimization: { minimize: true },
      plugins: [new webpack.IgnorePlugin({ checkResource: (name) => optional.includes(name) })],
    }, (error, stats) => {
      if (error || stats.hasErrors()) {
        console.error(error ?? stats.toString({ all: false, errors: true }));
        process.exitCode = 1;
      }
    });`;
}

describe.runIf(hasRedisServer)(
  'a single-file bundle with the Redis store',
  () => {
    const folder = join(inject('workshop'), 'bundles');
    let redis: RedisServer;
    let shop: PastedApplication;

    beforeAll(async () => {
      redis = await RedisServer.start();
      shop = await writeCompiledApplication(
        folder,
        'commonjs',
        {
          '@nestjs/common': '^11.0.1',
          '@nestjs/core': '^11.0.1',
          '@nestjs/platform-express': '^11.0.1',
          axios: '^1.7.0',
          esbuild: '^0.28.0',
          'nestjs-floodgate': `file:${inject('tarball')}`,
          'reflect-metadata': '^0.2.2',
          rxjs: '^7.8.1',
          webpack: '^5.100.0',
        },
        (code) =>
          `import { redisStore } from 'nestjs-floodgate/redis';\n${code}`.replace(
            'ThrottleModule.forRoot({',
            'ThrottleModule.forRoot({ store: redisStore({ url: process.env.REDIS_URL }),',
          ),
      );
      await install(folder);
    });

    afterAll(() => redis?.stop());

    /** Bundles the application and asks it, in a folder that has no packages. */
    async function askBundle(bundler: keyof typeof bundlers, name: string) {
      const file = join(inject('workshop'), 'bundled', name, 'main.js');
      await mkdir(join(file, '..'), { recursive: true });
      await bundlers[bundler](folder, file);
      expect(await readdir(join(file, '..'))).toContain('main.js');
      const env = { REDIS_URL: redis.url, NODE_PATH: '' };
      return askAsInReadme(shop, [process.execPath, file], env);
    }

    describe.each(['esbuild', 'webpack'] as const)('by %s', (bundler) => {
      it.each(['redis', 'ioredis'])(
        'answers as the README shows with only the client %s installed',
        async (client) => {
          await remove(folder, 'redis', 'ioredis');
          await add(folder, client);
          await redis.command('FLUSHALL');
          const answers = await askBundle(bundler, `${bundler}-${client}`);
          expect(answers).toEqual(await printedAnswers());
          expect(await redis.command('KEYS', '*search*')).not.toEqual([]);
        },
      );

      it('names both clients and the install command when neither is installed', async () => {
        await remove(folder, 'redis', 'ioredis');
        const error = await askBundle(bundler, `${bundler}-none`).catch(String);
        expect(error).toContain('did not start');
        expect(error).toContain(
          'neither the package "redis" nor the package "ioredis" installed',
        );
        expect(error).toContain('npm install redis, or npm install ioredis');
      });
    });
  },
);

function add(folder: string, name: string): Promise<string> {
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund'];
  return run('npm', [...args, '--no-package-lock', name], folder, 240_000);
}

function remove(folder: string, ...names: string[]): Promise<string> {
  const args = ['uninstall', '--no-audit', '--no-fund', '--no-package-lock'];
  return run('npm', [...args, ...names], folder, 240_000);
}
