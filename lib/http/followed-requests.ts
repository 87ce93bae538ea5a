import { EventEmitter } from 'node:events';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Server, IncomingMessage, ServerResponse } from 'node:http';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import {
  DeadlineHeader,
  deadlineAfter,
  NO_DEADLINE,
} from '../core/time/deadline.js';
import { callScope } from './call-scope.js';
import { HttpCaller, RequestLife } from './request-life.js';

const REQUEST_START = 'http.server.request.start';

interface RequestStart {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: Server;
}

/** How the backend calls of a request follow its caller. */
export interface FollowedOptions {
  /** Whether to abort the calls when the caller disconnects. */
  readonly cancelWithCaller: boolean;
  /** The header with the caller's deadline, if one is configured. */
  readonly deadlineHeader: DeadlineHeader | undefined;
}

/** The options to follow requests by; `undefined` if nothing depends on when a request ends. */
export function followedOptions(config: {
  readonly deadlineHeader?: string;
  readonly cancelWithCaller: boolean;
  readonly backends: object;
}): FollowedOptions | undefined {
  const { deadlineHeader: name, cancelWithCaller, backends } = config;
  const hasBackends = Object.keys(backends).length > 0;
  if (!name && !(cancelWithCaller && hasBackends)) return undefined;
  const deadlineHeader = name ? new DeadlineHeader(name) : undefined;
  return { cancelWithCaller, deadlineHeader };
}

/**
 * Gives all code that runs for a request of one server, middleware and guards
 * included, access to the `RequestLife` of that request. Node's own channel
 * fires before any framework runs, and entering the scope there costs less per
 * request than a Nest interceptor (docs/architecture.md has the numbers).
 */
export class FollowedRequests implements OnModuleInit, OnApplicationShutdown {
  private server: unknown;
  /** The server's `request` listener. */
  private listener: Function | undefined;

  /** @param options `undefined` to follow no requests */
  constructor(
    private options: FollowedOptions | undefined,
    private readonly host: HttpAdapterHost,
  ) {}

  onModuleInit(): void {
    const server = this.serverOfHost();
    this.server = server;
    if (server instanceof EventEmitter) {
      [this.listener] = server.listeners('request');
    }
    this.change(this.options);
  }

  /** Applies other options to requests that start from now on; `undefined` stops following. */
  change(options: FollowedOptions | undefined): void {
    this.options = options;
    unsubscribe(REQUEST_START, this.onStart);
    if (options) subscribe(REQUEST_START, this.onStart);
  }

  onApplicationShutdown(): void {
    this.change(undefined);
  }

  private serverOfHost(): unknown {
    return this.host.httpAdapter?.getHttpServer();
  }

  private readonly onStart = (message: unknown): void => {
    const { request, response, server } = message as RequestStart;
    if (server === this.server || this.isTwin(server)) {
      callScope.enterWith({ life: this.lifeOf(request, response) });
    }
  };

  /** Whether a server shares our listener. The channel serves the whole process, and Fastify adds a server with the same listener for each further address of `localhost`. */
  private isTwin(server: Server): boolean {
    const { listener } = this;
    return (
      listener !== undefined && server.listeners('request').includes(listener)
    );
  }

  private lifeOf(
    { headers }: IncomingMessage,
    response: ServerResponse,
  ): RequestLife {
    const { cancelWithCaller, deadlineHeader } = this.options!;
    const budgetMs =
      deadlineHeader?.read(headers[deadlineHeader.name]) ?? Infinity;
    const deadline =
      budgetMs === Infinity
        ? NO_DEADLINE
        : deadlineAfter(budgetMs, performance.now());
    return new RequestLife(
      deadline,
      new HttpCaller(response, cancelWithCaller),
      deadline !== NO_DEADLINE,
    );
  }
}
