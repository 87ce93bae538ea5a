// oxlint-disable typescript/no-explicit-any -- the type parameter defaults as axios' own does
import { Injectable, OnApplicationShutdown } from '@nestjs/common';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { didYouMean } from '../config/format/text.js';
import { BackendConfig } from '../config/schema/backend.schema.js';
import { HttpBackend } from './http-backend.js';
import { seeDocs } from '../core/docs-address.js';

/**
 * Gives access to the {@link HttpBackend} of each configured backend. Its verbs
 * take the backend's name first, then the arguments of the same axios verb.
 *
 * @example
 * ```ts
 * const client = app.get(BackendClient);
 * const { data } = await client.get<Product[]>('catalog', '/products');
 * ```
 */
@Injectable()
export class BackendClient implements OnApplicationShutdown {
  private readonly made = new Map<string, HttpBackend>();
  private change?: { backends: BackendConfigs; edition: number };
  private isClosed = false;

  /**
   * @param makers creates each backend by name, on first use, so that unused backends do not slow startup
   * @internal
   */
  constructor(
    private readonly makers: ReadonlyMap<string, () => HttpBackend>,
  ) {}

  /**
   * Returns the backend with the given name.
   *
   * @throws RangeError when no such backend is configured; the message suggests the closest name
   */
  backend(name: string): HttpBackend {
    return this.made.get(name) ?? this.make(name);
  }

  /** Whether a backend with the given name is configured. */
  has(name: string): boolean {
    return this.makers.has(name);
  }

  /**
   * Applies new settings to all backends. Backends not created yet get them on
   * creation.
   *
   * @internal
   */
  changeAll(backends: BackendConfigs, edition: number): void {
    this.change = { backends, edition };
    for (const [name, backend] of this.made) this.bringUpToDate(name, backend);
  }

  /**
   * Sends a request to a backend, like axios' `request`. The other verbs are
   * shorthands and reject with the same errors.
   *
   * @param backend the name of the backend in the configuration
   * @param config the request; its `url` is relative to the backend's hosts
   * @throws RangeError when the configuration has no backend with that name
   * @throws CircuitOpenException, BackendRateLimitedException or BackendBusyException (503) when the request was not sent
   * @throws BackendTimeoutException (504), BackendUnreachableException or BackendAnswerTooLargeException (502) when no complete response arrived
   * @throws AxiosError for a response outside 2xx
   * @example
   * ```ts
   * await client.request('orders', { method: 'POST', url: '/orders', data: order });
   * ```
   */
  request<T = any>(backend: string, config: AxiosRequestConfig): Answer<T> {
    return this.backend(backend).request<T>(config);
  }

  /**
   * Sends a GET request to a backend.
   *
   * @throws as {@link request} does
   * @example
   * ```ts
   * const { data } = await client.get<Product[]>('catalog', '/products', { params: { page: 2 } });
   * ```
   */
  get<T = any>(
    backend: string,
    url: string,
    config?: AxiosRequestConfig,
  ): Answer<T> {
    return this.backend(backend).get<T>(url, config);
  }

  /**
   * Sends a HEAD request to a backend.
   *
   * @throws as {@link request} does
   * @example
   * ```ts
   * const { headers } = await client.head('catalog', '/products/1');
   * ```
   */
  head<T = any>(
    backend: string,
    url: string,
    config?: AxiosRequestConfig,
  ): Answer<T> {
    return this.backend(backend).head<T>(url, config);
  }

  /**
   * Sends an OPTIONS request to a backend.
   *
   * @throws as {@link request} does
   * @example
   * ```ts
   * const { headers } = await client.options('catalog', '/products');
   * ```
   */
  options<T = any>(
    backend: string,
    url: string,
    config?: AxiosRequestConfig,
  ): Answer<T> {
    return this.backend(backend).options<T>(url, config);
  }

  /**
   * Sends a DELETE request to a backend.
   *
   * @throws as {@link request} does
   * @example
   * ```ts
   * await client.delete('orders', '/orders/1');
   * ```
   */
  delete<T = any>(
    backend: string,
    url: string,
    config?: AxiosRequestConfig,
  ): Answer<T> {
    return this.backend(backend).delete<T>(url, config);
  }

  /**
   * Sends a POST request with a body to a backend.
   *
   * @throws as {@link request} does
   * @example
   * ```ts
   * const { data } = await client.post<Order>('orders', '/orders', order, { timeout: 500 });
   * ```
   */
  post<T = any>(
    backend: string,
    url: string,
    data?: unknown,
    config?: AxiosRequestConfig,
  ): Answer<T> {
    return this.backend(backend).post<T>(url, data, config);
  }

  /**
   * Sends a PUT request with a body to a backend.
   *
   * @throws as {@link request} does
   * @example
   * ```ts
   * await client.put('orders', '/orders/1', order);
   * ```
   */
  put<T = any>(
    backend: string,
    url: string,
    data?: unknown,
    config?: AxiosRequestConfig,
  ): Answer<T> {
    return this.backend(backend).put<T>(url, data, config);
  }

  /**
   * Sends a PATCH request with a body to a backend.
   *
   * @throws as {@link request} does
   * @example
   * ```ts
   * await client.patch('orders', '/orders/1', { note: 'leave at the door' });
   * ```
   */
  patch<T = any>(
    backend: string,
    url: string,
    data?: unknown,
    config?: AxiosRequestConfig,
  ): Answer<T> {
    return this.backend(backend).patch<T>(url, data, config);
  }

  /** Closes all connections after the application has stopped serving requests. */
  onApplicationShutdown(): void {
    this.isClosed = true;
    for (const backend of this.made.values()) backend.close();
  }

  private make(name: string): HttpBackend {
    const maker = this.makers.get(name);
    if (!maker) {
      const hint = didYouMean(name, this.makers.keys(), ', ');
      const see = seeDocs('errors', 'unknown-backend');
      throw new RangeError(
        `no backend "${name}" in the configuration${hint || '.'} ${see}`,
      );
    }
    const backend = maker();
    this.bringUpToDate(name, backend);
    if (this.isClosed) backend.close();
    this.made.set(name, backend);
    return backend;
  }

  private bringUpToDate(name: string, backend: HttpBackend): void {
    const config = this.change?.backends.get(name);
    if (this.change && config) backend.change(config, this.change.edition);
  }
}

type BackendConfigs = ReadonlyMap<string, BackendConfig>;
type Answer<T> = Promise<AxiosResponse<T>>;
