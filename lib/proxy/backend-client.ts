// oxlint-disable typescript/no-explicit-any -- the type parameter defaults as axios' own does
import { Injectable, OnApplicationShutdown } from '@nestjs/common';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { didYouMean } from '../config/did-you-mean.js';
import { HttpBackend } from './http-backend.js';

/**
 * Hands out the {@link HttpBackend} of each configured backend. The verbs are
 * short for `backend(name).get(…)` and so on, and reject as those do.
 */
@Injectable()
export class BackendClient implements OnApplicationShutdown {
  constructor(private readonly backends: ReadonlyMap<string, HttpBackend>) {}

  /**
   * The backend of that name.
   *
   * @throws RangeError when the configuration has none, with the nearest name it has
   */
  backend(name: string): HttpBackend {
    const backend = this.backends.get(name);
    if (backend) return backend;
    const hint = didYouMean(name, this.backends.keys(), ', ');
    throw new RangeError(`no backend "${name}" in the configuration${hint}`);
  }

  request<T = any>(backend: string, config: AxiosRequestConfig): Answer<T> {
    return this.backend(backend).request<T>(config);
  }

  get<T = any>(
    backend: string,
    url: string,
    config?: AxiosRequestConfig,
  ): Answer<T> {
    return this.backend(backend).get<T>(url, config);
  }

  head<T = any>(
    backend: string,
    url: string,
    config?: AxiosRequestConfig,
  ): Answer<T> {
    return this.backend(backend).head<T>(url, config);
  }

  options<T = any>(
    backend: string,
    url: string,
    config?: AxiosRequestConfig,
  ): Answer<T> {
    return this.backend(backend).options<T>(url, config);
  }

  delete<T = any>(
    backend: string,
    url: string,
    config?: AxiosRequestConfig,
  ): Answer<T> {
    return this.backend(backend).delete<T>(url, config);
  }

  post<T = any>(
    backend: string,
    url: string,
    data?: unknown,
    config?: AxiosRequestConfig,
  ): Answer<T> {
    return this.backend(backend).post<T>(url, data, config);
  }

  put<T = any>(
    backend: string,
    url: string,
    data?: unknown,
    config?: AxiosRequestConfig,
  ): Answer<T> {
    return this.backend(backend).put<T>(url, data, config);
  }

  patch<T = any>(
    backend: string,
    url: string,
    data?: unknown,
    config?: AxiosRequestConfig,
  ): Answer<T> {
    return this.backend(backend).patch<T>(url, data, config);
  }

  /** Closes all connections once the application no longer answers. */
  onApplicationShutdown(): void {
    for (const backend of this.backends.values()) backend.close();
  }
}

type Answer<T> = Promise<AxiosResponse<T>>;
