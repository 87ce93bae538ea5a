import { afterAll, beforeAll } from 'vitest';
import type { DynamicModule } from '@nestjs/common';
import type { ThrottleOptions } from 'nestjs-floodgate';
import { Gateway, GatewayParts, Server, startGateway } from './gateway.js';
import { Answer, CallOptions, httpCall } from './http-call.js';

/** The application of one suite. */
export interface SuiteGateway {
  /** Sends a request to a path of it. */
  call(path: string, options?: CallOptions): Promise<Answer>;
  readonly app: Gateway['app'];
  readonly url: string;
}

/** Starts an application before the tests of a suite and stops it after them. */
export function useGateway(
  server: Server,
  options: ThrottleOptions | DynamicModule,
  parts: GatewayParts,
): SuiteGateway {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway(server, options, parts);
  });
  afterAll(() => gateway?.close());
  return {
    call: (path, options) => httpCall(`${gateway.url}${path}`, options),
    get app() {
      return gateway.app;
    },
    get url() {
      return gateway.url;
    },
  };
}
