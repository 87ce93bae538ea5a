import { ExecutionContext } from '@nestjs/common';
import { Caller } from '../../http/request-life.js';
import { ProblemException } from '../../http/problem-exception.js';

/** What tells who sent a message; an HTTP request of Express or Fastify is one as it is. */
export interface Sender {
  /** The address that the framework trusts, or that of the connection. */
  readonly ip?: string;
  /** Of the request; those of the handshake on a connection that began with one. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Route parameters. */
  readonly params?: unknown;
  /** Fastify only sets it when it trusts a proxy. */
  readonly ips?: readonly string[];
  /** Express' application. */
  readonly app?: { get(setting: string): unknown };
  /** The connection, whose address is that of the proxy where there is one. */
  readonly socket?: { readonly remoteAddress?: string };
}

/** Where a request, a resolver's operation or a message comes from, and how its sender is answered. */
export interface Transport {
  sender(context: ExecutionContext): Sender;
  /** The response whose headers the sender will see; none where there is none, or it has been sent. */
  response(context: ExecutionContext): HttpResponse | undefined;
  /** Who waits for the answer, where it shows that they left. */
  caller(context: ExecutionContext): Caller | undefined;
  /** What a handler throws on this transport so that the sender learns of the problem. */
  exception(problem: ProblemException): Error;
}

interface NodeResponse {
  getHeader(name: string): unknown;
  setHeader(name: string, value: string): unknown;
}

/** What of Fastify's reply is needed to answer a request. */
export interface FastifyReply {
  getHeader(name: string): unknown;
  header(name: string, value: string): void;
}

/** A response of Express, Fastify or plain node:http. */
export type HttpResponse = NodeResponse | FastifyReply;
