import { existsSync, readFileSync } from 'node:fs';
import { redisVersion } from './redis-server.mjs';

const FROM_BENCH = [
  '@nestjs/throttler',
  'express-rate-limit',
  'rate-limiter-flexible',
  'limiter',
  '@fastify/rate-limit',
  'opossum',
  'cockatiel',
  'undici',
  '@nest-lab/throttler-storage-redis',
  'rate-limit-redis',
];
const FROM_ROOT = [
  '@nestjs/core',
  '@nestjs/platform-fastify',
  '@nestjs/platform-express',
  'fastify',
  'express',
  'axios',
  'rxjs',
  'redis',
  'ioredis',
];
/** Two copies of these would compare different things. */
const SHARED = [
  '@nestjs/common',
  '@nestjs/core',
  'axios',
  'rxjs',
  'redis',
  'ioredis',
];

const bench = new URL('../', import.meta.url);
const root = new URL('../', bench);

function version(folder) {
  const file = new URL('package.json', folder);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

function installed(base, names) {
  return names.map((name) => [
    name,
    version(new URL(`node_modules/${name}/`, base)),
  ]);
}

/** Versions of everything that takes part. */
export function versions() {
  for (const name of SHARED) {
    if (existsSync(new URL(`node_modules/${name}`, bench))) {
      throw new Error(`bench/node_modules has a second copy of ${name}`);
    }
  }
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    'nestjs-floodgate': version(root),
    ...Object.fromEntries(installed(root, FROM_ROOT)),
    ...Object.fromEntries(installed(bench, FROM_BENCH)),
    'redis-server': redisVersion() ?? 'not installed',
  };
}
