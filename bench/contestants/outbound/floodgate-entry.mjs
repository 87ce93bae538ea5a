import { Inject, Injectable } from '@nestjs/common';
import { BackendClient, ProxyRateLimit } from '../../floodgate/index.mjs';
import { decorate } from '../decorate.mjs';
import { createApplication, ENTRY_LIMIT } from './floodgate-application.mjs';

class Catalog {
  constructor(backends) {
    this.backends = backends;
  }

  read(path) {
    return this.backends.get('catalog', path);
  }
}
decorate(Catalog, 'read', ProxyRateLimit('catalog', ENTRY_LIMIT));
Inject(BackendClient)(Catalog, undefined, 0);
Injectable()(Catalog);

/** All that the backend has, and an entry with a bucket of its own. */
export async function caller(settings, options) {
  const app = await createApplication(settings, [Catalog], options);
  const catalog = app.get(Catalog);
  return (path) => catalog.read(path);
}
