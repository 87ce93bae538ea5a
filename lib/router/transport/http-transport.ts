import { ExecutionContext } from '@nestjs/common';
import { HttpResponse } from '../../problem/response-header.js';
import { AnyResponse, HttpCaller } from '../../context/http-caller.js';
import { Sender, Transport } from './transport.js';

/** Requests of Express and Fastify: they are exceptions' home, and their own sender. */
export const http: Transport = {
  sender: (context) => context.getArgByIndex<Sender>(0),
  response: (context: ExecutionContext) =>
    context.getArgByIndex<HttpResponse>(1),
  caller: (context) => new HttpCaller(context.getArgByIndex<AnyResponse>(1)),
  exception: (problem) => problem,
};
