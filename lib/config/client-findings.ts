import { Finding } from './findings.js';
import { RouterLimit } from './schema/router-limit.schema.js';

/** Fields in which callers, or proxies on their word, say who they are. */
const CLAIMS = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-real-ip',
  'x-client-ip',
  'x-originating-ip',
  'x-remote-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'user-agent',
]);

type ClientFields = Pick<
  RouterLimit,
  | 'maxRate'
  | 'capacity'
  | 'clientMaxRate'
  | 'clientCapacity'
  | 'strategy'
  | 'key'
>;

/** What is doubtful about how a limit at `path` tells clients apart. */
export function clientFindings(limit: ClientFields, path: string): Finding[] {
  return [...shareFindings(limit, path), ...keyFindings(limit, path)];
}

function shareFindings(limit: ClientFields, path: string): Finding[] {
  const { maxRate, capacity = 1, clientMaxRate, clientCapacity = 1 } = limit;
  if (maxRate === undefined || clientMaxRate === undefined) return [];
  if (clientMaxRate < maxRate || clientCapacity < capacity) return [];
  return [
    {
      code: 'client-above-endpoint',
      path: `${path}.clientMaxRate`,
      sentence: `One client may take all that the endpoint gives to all of them (${maxRate}, at once ${capacity}), so the client limit never refuses first.`,
      fix: 'Write a clientMaxRate or a clientCapacity below those of the endpoint, or leave the client limit out.',
    },
  ];
}

function keyFindings({ strategy, key }: ClientFields, path: string): Finding[] {
  const field = key?.toLowerCase();
  if (strategy !== 'header' || !field || !CLAIMS.has(field)) return [];
  return [
    {
      code: 'forgeable-key',
      path: `${path}.key`,
      sentence: `Every caller can write what it likes into ${field}, so whoever wants to gets a new bucket with each request.`,
      fix:
        field === 'user-agent'
          ? 'Tell clients apart by their address, or by a key that a guard has verified.'
          : "Use the strategy 'ip' and tell the framework which proxies to trust: it then reads the address that they vouch for.",
    },
  ];
}
