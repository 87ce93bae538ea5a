import { Agent } from 'node:http';
import { Module } from '@nestjs/common';
import { create } from 'axios';
import { backendNames, controllers } from './thousand-handlers.mjs';

/** What a team has without us: handlers without a limit, and a hundred axios clients. */
export function module() {
  const clients = backendNames.map((name) => ({
    provide: name,
    useValue: create({
      baseURL: 'http://127.0.0.1:9',
      httpAgent: new Agent({ keepAlive: true }),
    }),
  }));
  class BenchModule {}
  Module({ controllers: controllers(() => []), providers: clients })(
    BenchModule,
  );
  return BenchModule;
}
