import { createRequire } from 'node:module';
import { HttpException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ProblemException } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { startGateway } from '../support/gateway.js';

/** What a package in this folder gets when it asks for another. */
const here = createRequire(import.meta.url);
const nest = {
  common: here('@nestjs/common') as { HttpException: unknown },
  core: here('@nestjs/core') as { NestFactory: unknown },
};

describe('the suite on Nest 11', () => {
  it.each(['common', 'core', 'platform-express', 'platform-fastify'])(
    'uses version 11 of @nestjs/%s',
    (name) => {
      const { version } = here(`@nestjs/${name}/package.json`) as {
        version: string;
      };
      expect(version).toMatch(/^11\./);
    },
  );

  it('runs tests, library and application on that version', async () => {
    expect(HttpException).toBe(nest.common.HttpException);
    expect(NestFactory).toBe(nest.core.NestFactory);
    expect(Object.getPrototypeOf(ProblemException)).toBe(HttpException);
    const gateway = await startGateway('express', {}, {});
    const adapter = here('@nestjs/platform-express') as Record<string, never>;
    expect(gateway.app.getHttpAdapter()).toBeInstanceOf(adapter.ExpressAdapter);
    await gateway.close();
  });
});
