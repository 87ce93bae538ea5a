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

/** What of a request its backend calls heed. */
export interface FollowedOptions {
  /** Whether they end when its caller hangs up. */
  readonly cancelWithCaller: boolean;
  /** Where its caller says how long it waits, if anywhere. */
  readonly deadlineHeader: DeadlineHeader | undefined;
}

/** What the configuration says of following requests; nothing where nobody could heed their end. */
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
 * Gives everything that runs for a request of one server, middleware and
 * guards included, the life of that request. Node's own channel is there
 * before any framework, and entering the scope there costs a request less than
 * an interceptor of Nest (docs/architecture.md has the figures).
 */
export class FollowedRequests implements OnModuleInit, OnApplicationShutdown {
  private server: unknown;
  /** What that server gives its requests to. */
  private listener: Function | undefined;

  /** @param options nothing to follow no request */
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

  /** Follows requests that begin from now on by other options, or no more. */
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

  /** The channel is that of the whole process. For each further address of `localhost` Fastify has a server more, with the same listener. */
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
