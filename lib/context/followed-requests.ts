import { EventEmitter } from 'node:events';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Server } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server as SecureServer } from 'node:https';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { DeadlineHeader } from '../core/time/deadline-header.js';
import { deadlineAfter, NO_DEADLINE } from '../core/time/deadline.js';
import { callScope } from './call-scope.js';
import { HttpCaller } from './http-caller.js';
import { RequestLife } from './request-life.js';

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
    private readonly options: FollowedOptions | undefined,
    private readonly host: HttpAdapterHost,
  ) {}

  /** Whether that is all that a request needs whose endpoint has no deadline: nothing of it is heeded, or its end alone, of which Node tells over HTTP/1. */
  get isEnough(): boolean {
    if (!this.options) return true;
    if (this.options.deadlineHeader) return false;
    const server = this.serverOfHost();
    return server instanceof Server || server instanceof SecureServer;
  }

  onModuleInit(): void {
    if (!this.options) return;
    const server = this.serverOfHost();
    this.server = server;
    if (server instanceof EventEmitter) {
      [this.listener] = server.listeners('request');
    }
    subscribe(REQUEST_START, this.onStart);
  }

  onApplicationShutdown(): void {
    unsubscribe(REQUEST_START, this.onStart);
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
