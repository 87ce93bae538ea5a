import { Controller, Get } from '@nestjs/common';
import {
  Fault,
  RouterRateLimit,
  ThrottleConfigError,
  ThrottleModule,
  ThrottleOptions,
} from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { GatewayParts, servers, startGateway } from '../../support/gateway.js';

@RouterRateLimit({ maxRate: 5, every: '1 minute' })
@Controller('wrong')
class WrongController {
  @RouterRateLimit('serch')
  @Get('policy')
  policy() {}

  @RouterRateLimit({ clientMaxRate: 5, strategy: 'header' })
  @Get('key')
  key() {}

  @RouterRateLimit(['10/1s', '0/1s'])
  @Get('text')
  text() {}

  @RouterRateLimit([])
  @Get('empty')
  empty() {}
}

@Controller()
class SearchController {
  @RouterRateLimit('search')
  @Get()
  search() {}
}

/** The error of an application that must not start. */
async function bootError(
  options: unknown,
  parts: GatewayParts = {},
): Promise<ThrottleConfigError> {
  const error: unknown = await startGateway(
    'express',
    options as ThrottleOptions,
    parts,
  ).then(
    (gateway) => gateway.close(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ThrottleConfigError);
  return error as ThrottleConfigError;
}

const pathsOf = (faults: readonly Fault[]) => faults.map(({ path }) => path);

describe('an invalid configuration', () => {
  it.each(servers)(
    'stops an application on %s from starting',
    async (server) => {
      const starting = startGateway(server, { maxClients: 0 }, {});
      await expect(starting).rejects.toThrow(ThrottleConfigError);
    },
  );

  it('fails with one error that lists every fault of options and decorators', async () => {
    const { faults, message } = await bootError(
      {
        timeout: 2,
        polices: {},
        policies: { search: { maxRate: 0, capcity: 3 } },
        headers: { rateLimit: 'draft-7' },
      },
      { controllers: [WrongController] },
    );
    expect(pathsOf(faults).toSorted()).toEqual(
      [
        '@RouterRateLimit on WrongController.empty',
        '@RouterRateLimit on WrongController.every',
        '@RouterRateLimit on WrongController.key.key',
        '@RouterRateLimit on WrongController.policy',
        '@RouterRateLimit on WrongController.text',
        'headers.rateLimit',
        'policies.search.capcity',
        'policies.search.maxRate',
        'polices',
        'timeout',
      ].toSorted(),
    );
    expect(message).toMatch(/^10 faults in the configuration/);
    for (const { path, found, allowed } of faults) {
      expect(message).toContain(`${path}: found ${found}; allowed: ${allowed}`);
    }
  });

  it('gets suggestions for the nearest known key and policy', async () => {
    const { faults } = await bootError(
      { polices: {}, policies: { search: '5/1s' } },
      { controllers: [WrongController] },
    );
    const allowed = (path: string) =>
      faults.find((fault) => fault.path === path)?.allowed;
    expect(allowed('polices')).toContain('"policies"');
    expect(allowed('@RouterRateLimit on WrongController.policy')).toContain(
      '"search"',
    );
  });

  it('does not report an invalid policy as missing', async () => {
    const { faults } = await bootError(
      { policies: { search: { maxRate: -1 } } },
      { controllers: [SearchController] },
    );
    expect(pathsOf(faults)).toEqual(['policies.search.maxRate']);
  });

  it("reports a controller's limit once, however many handlers it has", async () => {
    const { faults } = await bootError(
      { policies: { search: '5/1s' } },
      { controllers: [WrongController] },
    );
    expect(pathsOf(faults)).toContain(
      '@RouterRateLimit on WrongController.every',
    );
    expect(faults.filter(({ found }) => found === '"1 minute"')).toHaveLength(
      1,
    );
  });

  it.each([
    ['a route parameter', { clientMaxRate: 1, strategy: 'param', key: 'id' }],
    ['a deadline', { maxRate: 1, capacity: 1, timeout: '1s' }],
  ])('gives the whole application %s', async (_, service) => {
    const { faults } = await bootError({ service });
    expect(faults).toHaveLength(1);
  });

  it('is detected in the result of a factory', async () => {
    const error = await bootError(
      ThrottleModule.forRootAsync({
        useFactory: async () => Promise.resolve({ maxClients: -1 }),
      }),
    );
    expect(error.faults).toEqual([
      { path: 'maxClients', found: '-1', allowed: 'a whole number from 1' },
    ]);
  });

  it.each([null, 5, 'on', []])('is not an object (%j)', async (options) => {
    const error = await bootError(
      ThrottleModule.forRootAsync({ useFactory: () => options as never }),
    );
    expect(pathsOf(error.faults)).toEqual(['options']);
  });
});
