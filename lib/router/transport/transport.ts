import { ExecutionContext } from '@nestjs/common';
import { Caller } from '../../http/request-life.js';
import { ProblemException } from '../../http/problem-exception.js';

/** Identifies who sent a message; an Express or Fastify request already is one. */
export interface Sender {
  /** The address that the framework trusts, or that of the connection. */
  readonly ip?: string;
  /** The headers of the request, or of the handshake that opened the connection. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Route parameters. */
  readonly params?: unknown;
  /** Fastify sets it only if it trusts a proxy. */
  readonly ips?: readonly string[];
  /** Express' application. */
  readonly app?: { get(setting: string): unknown };
  /** The connection, whose address is the proxy's if there is one. */
  readonly socket?: { readonly remoteAddress?: string };
}

/** How requests, operations or messages arrive, and how their senders are answered. */
export interface InboundTransport {
  sender(context: ExecutionContext): Sender;
  /** The response whose headers the sender will see; `undefined` if there is none, or it has been sent. */
  response(context: ExecutionContext): HttpResponse | undefined;
  /** Who waits for the response, if it is possible to tell when they leave. */
  caller(context: ExecutionContext): Caller | undefined;
  /** The exception that a handler throws on this transport so that the sender learns of the problem. */
  exception(problem: ProblemException): Error;
}

interface NodeResponse {
  getHeader(name: string): unknown;
  setHeader(name: string, value: string): unknown;
}

/** The parts of a Fastify reply in use. */
export interface FastifyReply {
  getHeader(name: string): unknown;
  header(name: string, value: string): void;
}

/** A response of Express, Fastify or plain node:http. */
export type HttpResponse = NodeResponse | FastifyReply;
