// oxlint-disable typescript/no-explicit-any -- the type parameter defaults as axios' own does
import { Injectable, OnApplicationShutdown } from '@nestjs/common';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { didYouMean } from '../config/format/text.js';
import { BackendConfig } from '../config/schema/backend.schema.js';
import { HttpBackend } from './http-backend.js';

/**
 * Hands out the {@link HttpBackend} of each configured backend. The verbs are
 * short for `backend(name).get(…)` and so on, and reject as those do.
 */
@Injectable()
export class BackendClient implements OnApplicationShutdown {
  private readonly made = new Map<string, HttpBackend>();
  private change?: { backends: BackendConfigs; edition: number };
  private isClosed = false;

  /**
   * @param makers makes each backend, by its name: when somebody first asks for it, since an application starts sooner without those that nobody uses
   * @internal
   */
  constructor(
    private readonly makers: ReadonlyMap<string, () => HttpBackend>,
  ) {}

  /**
   * The backend of that name.
   *
   * @throws RangeError when the configuration has none, with the nearest name it has
   */
  backend(name: string): HttpBackend {
    return this.made.get(name) ?? this.make(name);
  }

  /** Whether the configuration has a backend of that name. */
  has(name: string): boolean {
    return this.makers.has(name);
  }

  /**
   * Gives all backends their next settings; one that nobody has asked for yet
   * gets them when it is made.
   *
   * @internal
   */
  changeAll(backends: BackendConfigs, edition: number): void {
    this.change = { backends, edition };
    for (const [name, backend] of this.made) this.bringUpToDate(name, backend);
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
    this.isClosed = true;
    for (const backend of this.made.values()) backend.close();
  }

  private make(name: string): HttpBackend {
    const maker = this.makers.get(name);
    if (!maker) {
      const hint = didYouMean(name, this.makers.keys(), ', ');
      throw new RangeError(`no backend "${name}" in the configuration${hint}`);
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
