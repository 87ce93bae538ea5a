import { Module } from '@nestjs/common';
import { axiosClients, controllers } from './thousand-handlers.mjs';

/** What a team has without us: handlers without a limit, and a hundred axios clients. */
export function module() {
  class BenchModule {}
  Module({ controllers: controllers(() => []), providers: axiosClients() })(
    BenchModule,
  );
  return BenchModule;
}
