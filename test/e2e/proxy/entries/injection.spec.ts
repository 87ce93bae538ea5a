import { Injectable } from '@nestjs/common';
import {
  BackendClient,
  BackendRateLimitedException,
  getBackendToken,
  HttpBackend,
  InjectBackend,
  ProxyRateLimit,
  ThrottleConfigError,
} from 'nestjs-floodgate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startGateway } from '../../../support/gateway.js';
import type { GatewayParts } from '../../../support/gateway.js';
import {
  rejection,
  upstreamForTest,
} from '../../../support/backend-under-test.js';

@Injectable()
class ByName {
  constructor(
    @InjectBackend('catalog') readonly catalog: HttpBackend,
    readonly backends: BackendClient,
  ) {}

  @InjectBackend('prices') readonly prices!: HttpBackend;
}

@Injectable()
class Misspelt {
  constructor(@InjectBackend('catalgo') readonly catalog: HttpBackend) {}
}

@Injectable()
class MisspeltEntry {
  @ProxyRateLimit('price', '1/1s')
  find() {}
}

async function start(parts: GatewayParts) {
  const upstream = await upstreamForTest();
  const hosts = [upstream.url];
  const gateway = await startGateway(
    'express',
    { backends: { catalog: { hosts, rateLimit: '3/1h' }, prices: { hosts } } },
    parts,
  );
  onTestFinished(() => gateway.close());
  return { upstream, gateway };
}

describe('named backends', () => {
  it('are injected into constructors and properties and equal those of the client', async () => {
    const { gateway } = await start({ providers: [ByName] });
    const { catalog, prices, backends } = gateway.app.get(ByName);
    expect(catalog).toBeInstanceOf(HttpBackend);
    expect([catalog.name, prices.name]).toEqual(['catalog', 'prices']);
    expect(backends.backend('catalog')).toBe(catalog);
    expect(backends.backend('prices')).toBe(prices);
    expect(catalog).not.toBe(prices);
  });

  it('behave the same through the shorthand and their own verbs', async () => {
    const { gateway, upstream } = await start({ providers: [ByName] });
    const { backends } = gateway.app.get(ByName);
    await backends.request('prices', { url: '/r', method: 'purge' });
    await backends.get('prices', '/g', { params: { a: 1 } });
    await backends.head('prices', '/h');
    await backends.options('prices', '/o');
    await backends.delete('prices', '/d');
    await backends.post('prices', '/po', { a: 1 });
    await backends.put('prices', '/pu', { b: 2 });
    await backends.patch('prices', '/pa', { c: 3 });
    expect(
      upstream.arrivals.map(({ request, body }) =>
        `${request.method} ${request.url} ${body}`.trim(),
      ),
    ).toEqual([
      'PURGE /r',
      'GET /g?a=1',
      'HEAD /h',
      'OPTIONS /o',
      'DELETE /d',
      'POST /po {"a":1}',
      'PUT /pu {"b":2}',
      'PATCH /pa {"c":3}',
    ]);
  });

  it('have one bucket, whichever way they are called', async () => {
    const { gateway, upstream } = await start({ providers: [ByName] });
    const { catalog, backends } = gateway.app.get(ByName);
    await catalog.get('/');
    await backends.get('catalog', '/');
    await backends.backend('catalog').post('/', {});
    for (const call of [
      () => catalog.get('/'),
      () => backends.put('catalog', '/', {}),
    ]) {
      expect(await rejection(call())).toBeInstanceOf(
        BackendRateLimitedException,
      );
    }
    expect(upstream.arrivals).toHaveLength(3);
  });

  it('can be overridden by their token', async () => {
    const { gateway } = await start({
      providers: [
        {
          provide: 'seen',
          useFactory: (b: HttpBackend) => b.name,
          inject: [getBackendToken('catalog')],
        },
      ],
    });
    expect(gateway.app.get('seen')).toBe('catalog');
  });
});

describe('an unknown backend name', () => {
  it('is rejected by the client with the nearest known name', async () => {
    const { gateway } = await start({});
    const client = gateway.app.get(BackendClient);
    const hint =
      'no backend "catlog" in the configuration, did you mean "catalog"?';
    expect(() => client.backend('catlog')).toThrow(hint);
    expect(() => client.get('catlog', '/')).toThrow(hint);
    expect(() => client.backend('__proto__')).toThrow('no backend "__proto__"');
  });

  it('stops the boot when injected, with the nearest known name', async () => {
    const error = await rejection(start({ providers: [Misspelt] }));
    expect(error).toBeInstanceOf(ThrottleConfigError);
    expect(String(error)).toMatch(
      /@InjectBackend\("catalgo"\) in Misspelt.*did you mean "catalog"\?/,
    );
  });

  it('does not matter in a class outside the application', async () => {
    const { gateway } = await start({ providers: [ByName] });
    expect(gateway.app.get(ByName).catalog.name).toBe('catalog');
  });

  it('stops the boot when an entry uses it, with its location and the nearest known name', async () => {
    const error = await rejection(start({ providers: [MisspeltEntry] }));
    expect(error).toBeInstanceOf(ThrottleConfigError);
    expect(String(error)).toMatch(
      /@ProxyRateLimit\("price"\) on MisspeltEntry\.find.*did you mean "prices"\?/,
    );
  });
});
