import { HttpException } from '@nestjs/common';
import { AxiosHeaders } from 'axios';
import type { AxiosRequestConfig, InternalAxiosRequestConfig } from 'axios';
import { BackendException, HttpBackend } from 'nestjs-floodgate';
import { parseDurationMs } from 'nestjs-floodgate/core';
import { fromKrakend } from 'nestjs-floodgate/krakend';
import { redisStore } from 'nestjs-floodgate/redis';

/** Something of each way in, whose types the resolution must find. */
export const all = { fromKrakend, parseDurationMs, redisStore };

/** The types of the library are those of Nest and axios that the application has. */
export async function statusOf(backend: HttpBackend): Promise<number> {
  const config: AxiosRequestConfig = { headers: new AxiosHeaders({ a: 'b' }) };
  backend.interceptors.request.use((request: InternalAxiosRequestConfig) => {
    request.headers.set('x-from', 'test');
    return request;
  });
  try {
    return (await backend.get('/', config)).status;
  } catch (error) {
    if (!(error instanceof BackendException)) throw error;
    const asNests: HttpException = error;
    return asNests.getStatus();
  }
}
