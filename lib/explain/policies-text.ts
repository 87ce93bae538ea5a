import { printable } from '../config/format/text.js';
import { bucketText, msText } from '../config/format/limits.js';
import {
  BucketPolicy,
  LimitPolicy,
  TierPolicy,
} from '../router/explain/limit-policy.js';
import { backendLines } from './backend-lines.js';
import { Policies, RoutePolicy } from './policies.js';

/** No line is longer, whatever names it contains. */
const LONGEST = 4_000;

/** The policies in force as text: the same policies give the same text. */
export function policiesText(policies: Policies): string {
  const { service, routes, backends } = policies;
  const blocks = [
    ...(service ? [['every request', ...limitLines(service)]] : []),
    ...routes.map(routeLines),
    ...backends.map(backendLines),
  ];
  return blocks
    .map((lines) =>
      lines.map((line) => `${printable(line, LONGEST)}\n`).join(''),
    )
    .join('');
}

function routeLines({ at, handler, timeoutMs, limits }: RoutePolicy): string[] {
  const places = at.length > 0 ? at.join(', ') : 'nowhere';
  return [
    `${places}  ${handler}`,
    ...(limits.length === 0 ? ['  no limit'] : limits.flatMap(limitLines)),
    ...(timeoutMs === undefined ? [] : [`  timeout ${msText(timeoutMs)}`]),
  ];
}

function limitLines(limit: LimitPolicy): string[] {
  const origin = `  [${originOf(limit)}]`;
  const { buckets, tiers, resolve, allow, deny } = limit;
  const choice = [
    ...buckets.map((bucket) => `  ${bucketLine(bucket)}`),
    ...(tiers ?? []).flatMap(tierLines),
    ...(resolve ? [`  as ${resolve} tells`] : []),
  ];
  const lists = [
    ...(allow ? [`    not for ${allow}`] : []),
    ...(deny ? [`    never for ${deny}`] : []),
  ];
  return [...choice.map((line) => `${line}${origin}`), ...lists];
}

function tierLines({ name, when, buckets }: TierPolicy): string[] {
  const tier = `  ${name}, ${when}:`;
  if (buckets.length === 0) return [`${tier} unlimited`];
  return buckets.map((bucket) => `${tier} ${bucketLine(bucket, '')}`);
}

/** Such as `client 5/s, capacity 10, by header x-user`. */
function bucketLine(bucket: BucketPolicy, name = bucket.name): string {
  const { scope, maxRate, everyMs, capacity } = bucket;
  const { client, onMissingKey, cost, settle } = bucket;
  return [
    `${name === scope ? '' : name} ${scope} ${bucketText(maxRate, everyMs, capacity)}`,
    ...(client ? [`by ${client}`] : []),
    ...(onMissingKey === 'skip' ? ['skipped without a key'] : []),
    ...(cost === 1 ? [] : [`cost ${cost}`]),
    ...(settle ? [`settled by ${settle}`] : []),
  ]
    .join(', ')
    .trimStart();
}

function originOf(limit: LimitPolicy): string {
  const { from, policy, shared, mode, phase, method } = limit;
  return [
    from,
    ...(policy ? [`${shared ? 'shared policy' : 'policy'} "${policy}"`] : []),
    ...(method ? [`${method} only`] : []),
    ...(mode === 'audit' ? ['mode audit'] : []),
    ...(phase === 'edge' ? ['at the edge'] : []),
  ].join('; ');
}
