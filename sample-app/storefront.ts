import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import type { BackendUrls } from './protection.js';

/** The gateway, ready to listen. */
export function createStorefront(
  backends: BackendUrls,
  options: NestApplicationOptions = {},
): Promise<INestApplication> {
  return NestFactory.create(AppModule.withBackends(backends), options);
}
