// What examples of the API stand among: what a reader takes for granted, and
// need not see imported or declared in each.
import { Logger } from '@nestjs/common';
import type { ExecutionContext, INestApplication } from '@nestjs/common';
import { HttpBackend } from 'nestjs-floodgate';
import type {
  AuditCounts,
  BackendClient,
  ThrottleService,
} from 'nestjs-floodgate';
import type { Buckets, CircuitBreaker } from 'nestjs-floodgate/core';

export { Controller, Get, Injectable, Module } from '@nestjs/common';
export { NestFactory } from '@nestjs/core';
export { Test } from '@nestjs/testing';
export {
  BackendClient,
  getBackendToken,
  HttpBackend,
  InjectBackend,
  noRateLimits,
  printPolicies,
  ProxyRateLimit,
  remainingTimeMs,
  RouterRateLimit,
  SkipRouterRateLimit,
  ThrottleModule,
  ThrottleService,
} from 'nestjs-floodgate';
export {
  bucketLimit,
  parseDurationMs,
  parseDurationNs,
  Plan,
  REFUSED,
  TokenBucket,
} from 'nestjs-floodgate/core';
export { fromKrakend, fromKrakendAsync } from 'nestjs-floodgate/krakend';

export interface Product {
  readonly id: string;
}
export type Order = Product;
export class AppModule {}
export class ProductsController {}
/** As those of @nestjs/config. */
export class ConfigModule {}
export declare class ConfigService {
  getOrThrow(name: string): string;
}

export declare const app: INestApplication;
export declare const throttle: ThrottleService;
export declare const client: BackendClient;
export declare const catalog: HttpBackend;
export declare const auditCounts: AuditCounts;
export declare const breaker: CircuitBreaker;
export declare const endpoint: Buckets;
export declare const clients: Buckets;
export declare const context: ExecutionContext;
export declare const order: Order;
export declare const id: string;
export declare const logger: Logger;

/** What an example of a member of a class is put into. */
export declare class Service {
  protected readonly catalog: HttpBackend;
  protected cached(id: string): Product;
}
