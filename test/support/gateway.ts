import 'reflect-metadata';
import { AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import type { HttpsOptions } from '@nestjs/common/interfaces/external/https-options.interface.js';
import type {
  DynamicModule,
  INestApplication,
  LoggerService,
  NestApplicationOptions,
  Type,
} from '@nestjs/common';
import { Module } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ThrottleModule } from 'nestjs-floodgate';
import type { ThrottleOptions } from 'nestjs-floodgate';
import { instrumentation } from './instrumentation.js';

/** The two HTTP servers that every end-to-end suite runs over. */
export const servers = ['express', 'fastify'] as const;
export type Server = (typeof servers)[number];

/** Where a limit is decided. */
export const phases = ['interceptor', 'edge'] as const;

/** Both servers with both phases, for suites in which they make no difference. */
export const everywhere = servers.flatMap((server) =>
  phases.map((phase) => ({ server, phase })),
);

export interface GatewayParts {
  controllers?: Type[];
  providers?: NonNullable<DynamicModule['providers']>;
  imports?: NonNullable<DynamicModule['imports']>;
  /** What Express calls `trust proxy` and Fastify `trustProxy`. */
  trustProxy?: boolean | string;
  /** Makes it an https server. */
  tls?: HttpsOptions;
  /** Who is told what Nest logs; nobody by default. */
  logger?: LoggerService;
  /** Further options of the application. */
  options?: NestApplicationOptions;
  /** The Unix socket to listen on, in place of a port. */
  listenOn?: string;
  /** The adapter, where it is not the usual one. */
  adapter?: AbstractHttpAdapter;
  setUp?: (app: INestApplication) => unknown;
}

/** A provider of every application, by which its instrumentation shows. */
class OnlyHere {
  onModuleInit() {}
}

/** An application that listens on a free port of the loopback interface. */
export interface Gateway {
  readonly app: INestApplication;
  readonly url: string;
  close(): Promise<void>;
}

/** Starts an application with our module on a real socket. */
export async function startGateway(
  server: Server,
  options: ThrottleOptions | DynamicModule,
  parts: GatewayParts,
): Promise<Gateway> {
  const throttle =
    'module' in options ? options : ThrottleModule.forRoot(options);

  const watching = instrumentation();
  @Module({
    imports: [...(watching?.imports ?? []), throttle, ...(parts.imports ?? [])],
    controllers: parts.controllers ?? [],
    providers: [OnlyHere, ...(parts.providers ?? [])],
  })
  class AppModule {}

  const { trustProxy = false, tls } = parts;
  const app = await NestFactory.create(
    AppModule,
    parts.adapter ??
      (server === 'express'
        ? new ExpressAdapter()
        : new FastifyAdapter(
            tls ? { trustProxy, https: tls } : { trustProxy },
          )),
    {
      ...watching?.options,
      ...parts.options,
      logger: parts.logger ?? false,
      abortOnError: false,
      ...(tls && server === 'express' ? { httpsOptions: tls } : {}),
    },
  );
  if (server === 'express' && trustProxy) {
    (app as NestExpressApplication).set('trust proxy', trustProxy);
  }
  await parts.setUp?.(app);
  if (parts.listenOn) await listenOn(app, server, parts.listenOn);
  else await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl(), close: () => app.close() };
}

/** Fastify of Nest 11 takes a path for a port, unless it is an option. */
function listenOn(app: INestApplication, server: Server, path: string) {
  return server === 'express'
    ? app.listen(path)
    : app.listen({ path } as never);
}
