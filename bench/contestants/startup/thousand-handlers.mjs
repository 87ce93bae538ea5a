import 'reflect-metadata';
import { Agent } from 'node:http';
import { Controller, Get } from '@nestjs/common';
import { create } from 'axios';
import { decorate } from '../decorate.mjs';

const CONTROLLERS = 100;
const HANDLERS_EACH = 10;

/** Names of the backends, for whoever makes their clients. */
export const backendNames = Array.from(
  { length: 100 },
  (_, i) => `backend${i}`,
);

/** What a team has for its backends without us: an axios client for each. */
export function axiosClients() {
  return backendNames.map((name) => ({
    provide: name,
    useValue: create({
      baseURL: 'http://127.0.0.1:9',
      httpAgent: new Agent({ keepAlive: true }),
    }),
  }));
}

/** A thousand handlers, each with the decorators that `decoratorsFor` makes for it. */
export function controllers(decoratorsFor) {
  return Array.from({ length: CONTROLLERS }, (_, i) => {
    class BenchController {}
    for (let h = 0; h < HANDLERS_EACH; h++) {
      const name = `read${h}`;
      BenchController.prototype[name] = () => ({ ok: true });
      decorate(BenchController, name, Get(name), ...decoratorsFor());
    }
    Controller(`resource${i}`)(BenchController);
    return BenchController;
  });
}
