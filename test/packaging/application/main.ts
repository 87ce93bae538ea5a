import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';

async function start(): Promise<void> {
  const adapter =
    process.env.HTTP_SERVER === 'fastify'
      ? new FastifyAdapter()
      : new ExpressAdapter();
  const app = await NestFactory.create(AppModule, adapter, { logger: false });
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  console.log(await app.getUrl());
}

void start();
