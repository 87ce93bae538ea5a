import { Finding } from './findings.js';
import { RouterLimit } from './schema/router-limit.schema.js';

/** Headers that a client can set to any value, or that proxies copy from it. */
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

/** Findings about how the limit at `path` identifies clients. */
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
      sentence: `One client may use everything the endpoint allows all callers together (${maxRate}, burst ${capacity}), so the client limit never refuses first.`,
      fix: 'Set clientMaxRate or clientCapacity below those of the endpoint, or remove the client limit.',
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
      sentence: `Callers choose the value of ${field} themselves, so anyone can get a new bucket with every request.`,
      fix:
        field === 'user-agent'
          ? 'Identify clients by address, or by a key that a guard has verified.'
          : "Use strategy 'ip' and tell the framework which proxies to trust; it then reads the address that they report.",
    },
  ];
}
