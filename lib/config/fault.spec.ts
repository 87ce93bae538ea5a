import { describe, expect, it } from 'vitest';
import { check, Fault, ThrottleConfigError, isNotInstalled } from './fault.js';
import { throttleOptions } from './schema/throttle-options.schema.js';

function faultsOf(options: unknown, at = ''): Fault[] {
  const faults: Fault[] = [];
  check(throttleOptions, options, at, faults);
  return faults;
}

const tls = (written: unknown) => ({
  backends: { a: { hosts: ['https://a'], tls: written } },
});
const tiers = (...written: unknown[]) => ({
  policies: { a: { tiers: written } },
});

describe('configuration faults', () => {
  it('state the path, what was found and what is allowed', () => {
    expect(
      faultsOf({
        maxClients: 'many',
        headers: { rateLimit: true },
        backends: { catalog: { hosts: ['http://catalog', 'catalog:80'] } },
      }),
    ).toEqual([
      {
        path: 'backends.catalog.hosts[1]',
        found: '"catalog:80"',
        allowed: 'an absolute http or https URL such as "http://catalog:8080"',
      },
      {
        path: 'headers.rateLimit',
        found: 'true',
        allowed: '"draft-10", "draft-11" or false',
      },
      {
        path: 'maxClients',
        found: '"many"',
        allowed: 'a whole number from 1',
      },
    ]);
  });

  it('name an unknown key with the type of its value and the nearest known key', () => {
    expect(faultsOf({ policies: { a: { maxrate: 5, maxRate: 5 } } })).toEqual([
      {
        path: 'policies.a.maxrate',
        found: 'a number',
        allowed: 'no such key; did you mean "maxRate"?',
      },
    ]);
  });

  it('are reported under the requested path', () => {
    expect(faultsOf({ maxClients: 0 }, '@Decorator on A.b')[0].path).toBe(
      '@Decorator on A.b.maxClients',
    );
    expect(faultsOf(5)[0].path).toBe('options');
  });

  it('report the variant that was meant, when several are allowed', () => {
    const paths = faultsOf({
      policies: { a: { maxRate: -1 }, b: '5/x', c: 5, d: [] },
    }).map(({ path, allowed }) => [path, allowed.slice(0, 8)]);
    expect(paths).toEqual([
      ['policies.a.maxRate', 'a number'],
      ['policies.b', 'a limit '],
      ['policies.c', 'a limit:'],
      ['policies.d', 'a limit:'],
    ]);
  });

  it('report a name that is not allowed', () => {
    expect(faultsOf({ policies: { 'my search': '5/1s' } })).toEqual([
      {
        path: 'policies.my search',
        found: '"my search"',
        allowed: 'a name of 1 to 64 letters, digits, and . _ : -',
      },
    ]);
  });

  it('show only the start of a long or nested value', () => {
    const [fault] = faultsOf({ maxClients: 'x'.repeat(1000) });
    expect(fault.found.length).toBeLessThan(70);
    const [nested] = faultsOf({ maxClients: { a: { b: { c: 1 } } } });
    expect(nested.found).toBe('an object with a');
    expect(faultsOf({ maxClients: () => 5 })[0].found).toBe('a function');
  });

  it.each([
    ['a host', { backends: { a: { hosts: ['htp://ann:s3cret@a'] } } }],
    ['a host with a token', { backends: { a: { hosts: ['a?token=s3cret'] } } }],
    [
      'all hosts at once',
      { backends: { a: { hosts: 'http://ann:s3cret@a' } } },
    ],
    ['a password in the place of tls', tls('s3cret')],
    ['a passphrase that is no text', tls({ passphrase: { text: 's3cret' } })],
    ['a misspelt passphrase', tls({ pasphrase: 's3cret' })],
    ['a key in a list', tls({ key: ['', 's3cret', 5] })],
    ['a misspelt tls', { backends: { a: { tsl: { passphrase: 's3cret' } } } }],
    ['a key of a tier', tiers({ when: { is: 's3cret' } })],
    ['keys of a tier', tiers({ when: ['', 's3cret', 7] })],
    ['a misspelt key of a tier', tiers({ whn: 's3cret' })],
    ['a number for a key of a tier', tiers({ when: 536_372 })],
    ['a tier that has both', tiers({ when: 's3cret', otherwise: true })],
    ['an address of Redis', { store: 'redis://:s3cret@redis' }],
    ['a client of Redis', { store: new Map([['password', 's3cret']]) }],
    ['options of Redis', { store: { url: 'redis://:s3cret@redis' } }],
    ['a token of an unknown option', { token: 's3cret' }],
    ['a key of the options', { s3: { cret: 's3cret' } }],
  ])('never show %s', (_, options) => {
    const faults = faultsOf(options);
    expect(faults.length).toBeGreaterThan(0);
    const { message } = new ThrottleConfigError(faults);
    expect(message + JSON.stringify(faults)).not.toMatch(/s3cret|536|cret@/);
  });

  it('cannot forge a log line through keys or values', () => {
    const hostile = 'a\r\nFAKE \u001b[31m\u202e';
    const faults = faultsOf({
      [hostile]: 1,
      maxClients: hostile,
      policies: { [hostile]: { [hostile]: hostile } },
    });
    expect(faults).toHaveLength(3);
    for (const fault of faults) {
      expect(Object.values(fault).join(' ')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  it('use English when zod supplies the text', () => {
    const found = faultsOf(tls({ ca: [], cert: '' }));
    expect(found.map(({ allowed }) => allowed)).toEqual([
      'Too small: expected array to have >=1 items',
      'Too small: expected string to have >=1 characters',
    ]);
  });

  it('all appear in the message of the error', () => {
    const one = { path: 'a', found: '1', allowed: 'a string' };
    const two = { path: 'b', found: 'nothing', allowed: 'a number' };
    expect(new ThrottleConfigError([one]).message).toBe(
      '1 fault in the configuration of nestjs-floodgate\n  a: found 1; allowed: a string\nSee nestjs-floodgate/docs/errors.md#throttleconfigerror',
    );
    expect(new ThrottleConfigError([one, two]).message).toBe(
      '2 faults in the configuration of nestjs-floodgate\n  a: found 1; allowed: a string\n  b: found nothing; allowed: a number\nSee nestjs-floodgate/docs/errors.md#throttleconfigerror',
    );
  });
});

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

describe('a package that cannot be imported', () => {
  it.each([
    ['ERR_MODULE_NOT_FOUND', "Cannot find package 'redis' imported from /a.js"],
    ['MODULE_NOT_FOUND', "Cannot find module 'redis'\nRequire stack:\n- /a.js"],
    ['MODULE_NOT_FOUND', "Cannot find module 'redis' from 'a.js'"],
    ['MODULE_NOT_FOUND', 'Cannot find module "redis"'],
  ])('is not installed, by %s: %s', (code, message) => {
    expect(isNotInstalled(failure(code, message), 'redis')).toBe(true);
  });

  it.each([
    [
      'ERR_MODULE_NOT_FOUND',
      "Cannot find package '@redis/client' from 'redis'",
    ],
    ['MODULE_NOT_FOUND', "Cannot find module 'ioredis'"],
    ['ERR_REQUIRE_ESM', "require() of 'redis' is not supported"],
  ])('is installed and broken, by %s: %s', (code, message) => {
    expect(isNotInstalled(failure(code, message), 'redis')).toBe(false);
  });

  it('may fail with anything', () => {
    expect(isNotInstalled(new TypeError('no'), 'redis')).toBe(false);
    expect(isNotInstalled('no', 'redis')).toBe(false);
  });
});
