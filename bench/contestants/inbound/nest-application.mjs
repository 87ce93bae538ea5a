import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { decorate } from '../decorate.mjs';

/** A controller of one route that answers a small JSON body, and one that does nothing at all. */
export function controller(...decorators) {
  class BenchController {
    small() {
      return { ok: true };
    }

    empty() {}
  }
  decorate(BenchController, 'small', Get('small'), ...decorators);
  decorate(BenchController, 'empty', Get('empty'));
  Controller()(BenchController);
  return BenchController;
}

/** A Nest application over `adapter` with one module. */
export function createApplication(adapter, metadata) {
  class BenchModule {}
  Module(metadata)(BenchModule);
  const http =
    adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  return NestFactory.create(BenchModule, http, { logger: false });
}

/** A limit that no run reaches, or one that all but the first request exceed. */
export function most(refuses) {
  return refuses ? 1 : 1e9;
}

/** The caller's key where there are many, so that one load generator can be a thousand clients. */
export function apiKey(request) {
  return request.headers['x-api-key'];
}
