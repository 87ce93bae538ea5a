import type { ThrottleOptions } from '../../config/schema/throttle-options.schema.js';
import { durationText } from '../../config/words/duration-text.js';
import { Dialect } from '../enforced/dialect.js';
import { fieldOf, Section, sectionOf } from '../enforced/go-value.js';
import { Place, shown } from '../place.js';
import { remarkOnNames } from '../remarks/name-remarks.js';
import { timeoutNs, timeoutText } from './durations.js';
import { hostsOf } from './hosts.js';
import { ownOptions } from './import-backend.js';
import { ImportedBackends } from './imported-backends.js';
import { endpointLimits } from './route-limits.js';
import { remarkOnRootFields } from './server-options.js';

export type RouteOptions = NonNullable<ThrottleOptions['routes']>[string];

/** What all endpoints of a file have in common. */
export interface FileContext {
  readonly root: Section;
  readonly dialect: Dialect;
  readonly version: 2 | 3;
  readonly timeoutNs: bigint;
  readonly backends: ImportedBackends;
}

/** Imports one endpoint and the backends it calls. */
export function importEndpoint(
  endpoint: Section,
  key: string,
  file: FileContext,
  place: Place,
): RouteOptions {
  const extra = sectionOf(fieldOf(endpoint, 'extra_config')) ?? {};
  const inside = place.at('extra_config');
  remarkOnNames(extra, 'endpoint', file.version, inside);
  remarkOnRootFields(endpoint, place);
  const [, path] = key.split(' ');
  const limits = endpointLimits(extra, path, file.dialect, inside);
  const ns = timeoutNs(endpoint, file.timeoutNs, place);
  importBackends(endpoint, key, ns, file, place);
  return {
    ...(limits.length > 0 ? { limits } : {}),
    ...(ns === file.timeoutNs ? {} : { timeout: timeoutText(ns) }),
  };
}

function importBackends(
  endpoint: Section,
  key: string,
  endpointNs: bigint,
  file: FileContext,
  place: Place,
): void {
  const written = fieldOf(endpoint, 'backend');
  const backends = Array.isArray(written) ? written : [];
  const isNoOp = fieldOf(endpoint, 'output_encoding') === 'no-op';
  const share = shareOfTimeout(endpoint, backends.length, endpointNs, place);
  let guarded = 0;
  backends.forEach((item: unknown, i) => {
    const at = place.at('backend').at(i);
    const backend = sectionOf(item);
    if (!backend) return;
    const extra = sectionOf(fieldOf(backend, 'extra_config')) ?? {};
    remarkOnNames(extra, 'backend', file.version, at.at('extra_config'));
    remarkOnTimeout(backend, at);
    const hosts = hostsOf(backend, file.root, at);
    const own = ownOptions(
      backend,
      isNoOp || fieldOf(backend, 'encoding') === 'no-op',
      file.dialect,
      at,
    );
    if (own.rateLimit || own.circuitBreaker) guarded++;
    if (hosts) {
      file.backends.add({ key, index: i, hosts, own, timeoutNs: share });
    }
  });
  if (guarded > 0 && backends.length > 1) remarkOnParts(place);
}

/** Several backends get 85 % of the endpoint's time together, concurrent calls 75 %. */
function shareOfTimeout(
  endpoint: Section,
  backends: number,
  endpointNs: bigint,
  place: Place,
): bigint {
  const calls = fieldOf(endpoint, 'concurrent_calls');
  const isConcurrent = typeof calls === 'number' && calls > 1;
  if (!isConcurrent && backends < 2) return endpointNs;
  const percent = isConcurrent ? 75n : 85n;
  const ns = (endpointNs * percent) / 100n;
  place.remark('timeout-shared', {
    written: isConcurrent
      ? `concurrent_calls: ${shown(calls)}`
      : `${backends} backends`,
    enforced: `They have ${percent} % of the endpoint's time: ${durationText(ns)}.`,
    fix: 'Nothing; the rest is kept for putting the answer together.',
  });
  return ns;
}

function remarkOnTimeout(backend: Section, place: Place): void {
  if (!Object.hasOwn(backend, 'timeout')) return;
  place.at('timeout').remark('timeout-without-effect', {
    written: `timeout: ${shown(fieldOf(backend, 'timeout'))} in a backend`,
    enforced: "Nothing: a backend has its endpoint's timeout.",
    fix: 'Write timeout in the endpoint.',
  });
}

function remarkOnParts(place: Place): void {
  place.at('backend').remark('partial-answers', {
    written: 'several backends, of which one or more may refuse',
    enforced:
      'Where one refuses, the caller gets 200 with what the others answered and X-Krakend-Completed: false.',
    fix: 'Decide in the handler what to answer when a call throws.',
  });
}
