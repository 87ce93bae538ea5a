import { describe, expect, it } from 'vitest';
import { isNotInstalled } from './optional-package.js';

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

describe('a package that fails to import', () => {
  it.each([
    ['ERR_MODULE_NOT_FOUND', "Cannot find package 'redis' imported from /a.js"],
    ['MODULE_NOT_FOUND', "Cannot find module 'redis'\nRequire stack:\n- /a.js"],
    ['MODULE_NOT_FOUND', "Cannot find module 'redis' from 'a.js'"],
    ['MODULE_NOT_FOUND', 'Cannot find module "redis"'],
  ])('counts as not installed under %s: %s', (code, message) => {
    expect(isNotInstalled(failure(code, message), 'redis')).toBe(true);
  });

  it.each([
    [
      'ERR_MODULE_NOT_FOUND',
      "Cannot find package '@redis/client' from 'redis'",
    ],
    ['MODULE_NOT_FOUND', "Cannot find module 'ioredis'"],
    ['ERR_REQUIRE_ESM', "require() of 'redis' is not supported"],
  ])('counts as installed but broken under %s: %s', (code, message) => {
    expect(isNotInstalled(failure(code, message), 'redis')).toBe(false);
  });

  it('may reject with any value', () => {
    expect(isNotInstalled(new TypeError('no'), 'redis')).toBe(false);
    expect(isNotInstalled('no', 'redis')).toBe(false);
  });
});
