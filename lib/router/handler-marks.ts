import { Marks } from '../discovery/marks.js';

/** What transports leave on their handlers, by the names that Nest gives it. */
export const PATH = 'path';
export const PATTERNS = 'microservices:pattern';
export const HANDLER_TYPE = 'microservices:handler_type';
export const MESSAGE = 'message';
export const GRAPHQL_TYPE = 'graphql:resolver_type';
/** What `@EventPattern` says in {@link HANDLER_TYPE}, where `@MessagePattern` says 1. */
export const EVENT = 2;

/** Whether requests of any transport come to a method. */
export function isHandler(marks: Marks): boolean {
  return marks.includes(PATH) || isHandlerElsewhere(marks);
}

/** Whether requests come to a method over HTTP and in no other way. */
export function isHttpOnly(marks: Marks): boolean {
  return marks.includes(PATH) && !isHandlerElsewhere(marks);
}

function isHandlerElsewhere(marks: Marks): boolean {
  return (
    marks.includes(PATTERNS) ||
    marks.includes(MESSAGE) ||
    marks.includes(GRAPHQL_TYPE)
  );
}
