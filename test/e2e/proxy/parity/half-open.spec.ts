import { CircuitOpenException } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import {
  after,
  answer,
  fail,
  inTurn,
  neverAnswer,
} from '../../../support/backend-behaviours.js';
import type { Behaviour } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import type {
  BackendOptions,
  TimeTravel,
} from '../../../support/backend-under-test.js';

const OPEN_MS = 60_000;

/** A backend whose breaker has just opened, and a clock to go on with. */
async function opened(later: Behaviour, breaker: object = {}) {
  const upstream = await upstreamForTest(inTurn(fail(500), later));
  const travel: TimeTravel = { aheadMs: 0 };
  const options = {
    circuitBreaker: { maxErrors: 1, timeout: '60s', ...breaker },
  } as BackendOptions;
  const catalog = backendForTest(upstream.url, options, travel);
  await rejection(catalog.get('/'));
  const reset = () => {
    travel.aheadMs += OPEN_MS;
  };
  return { upstream, catalog, reset, breaker: catalog.breaker! };
}

describe.each(transports)('a half-open breaker over %s', (transport) => {
  callOver(transport);

  it('opens on the last failure and sends nothing until its time is up', async () => {
    const { upstream, catalog, breaker } = await opened(answer());
    expect(breaker.state).toBe('open');
    expect(await rejection(catalog.get('/'))).toBeInstanceOf(
      CircuitOpenException,
    );
    expect(upstream.arrivals).toHaveLength(1);
  });

  it('admits one call at a time', async () => {
    const { upstream, catalog, reset, breaker } = await opened(
      after(50, answer()),
    );
    reset();
    const probe = catalog.get('/');
    const others = await Promise.all(
      [1, 2, 3].map(() => rejection(catalog.get('/'))),
    );
    expect(breaker.state).toBe('half-open');
    for (const error of others)
      expect(error).toBeInstanceOf(CircuitOpenException);
    await probe;
    expect(upstream.arrivals).toHaveLength(2);
  });

  it('closes when that call succeeds and admits all', async () => {
    const { catalog, reset, breaker } = await opened(answer());
    reset();
    await catalog.get('/');
    expect(breaker.state).toBe('closed');
    await Promise.all([1, 2, 3].map(() => catalog.get('/')));
  });

  it('opens again for its whole time when that call fails', async () => {
    const { upstream, catalog, reset, breaker } = await opened(fail(500));
    reset();
    await rejection(catalog.get('/'));
    expect(breaker.state).toBe('open');
    expect(await rejection(catalog.get('/'))).toBeInstanceOf(
      CircuitOpenException,
    );
    reset();
    await rejection(catalog.get('/'));
    expect(upstream.arrivals).toHaveLength(3);
  });

  it('opens again when that call fails late and others arrived meanwhile', async () => {
    const { catalog, reset, breaker } = await opened(after(50, fail(500)));
    reset();
    const probe = rejection(catalog.get('/'));
    await rejection(catalog.get('/'));
    await probe;
    expect(breaker.state).toBe('open');
  });

  it('closes on an error that the filter ignores', async () => {
    const { catalog, reset, breaker } = await opened(fail(400), {
      isFailure: (given: { status: number } | undefined) =>
        !given || given.status >= 500,
    });
    reset();
    await rejection(catalog.get('/'));
    expect(breaker.state).toBe('closed');
  });

  it('opens again when that call times out', async () => {
    const { catalog, reset, breaker } = await opened(neverAnswer());
    reset();
    await rejection(catalog.get('/', { timeout: 50 }));
    expect(breaker.state).toBe('open');
  });

  it('gets its permit back when that call is cancelled', async () => {
    const { upstream, catalog, reset, breaker } = await opened(
      inTurn(neverAnswer(), answer()),
    );
    reset();
    const abort = new AbortController();
    const probe = rejection(catalog.get('/', { signal: abort.signal }));
    await eventually(() => upstream.arrivals.length === 2);
    abort.abort();
    await probe;
    expect(breaker.state).toBe('half-open');
    await catalog.get('/');
    expect(breaker.state).toBe('closed');
  });

  it('is half-open no longer once the backend is closed', async () => {
    const { upstream, catalog, reset } = await opened(answer());
    reset();
    catalog.close();
    await rejection(catalog.get('/'));
    expect(upstream.arrivals).toHaveLength(1);
  });
});
