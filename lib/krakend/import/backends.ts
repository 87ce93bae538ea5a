import { durationText } from '../../config/format/limits.js';
import { fieldOf, Section, sectionOf } from '../enforced/go-value.js';
import { durationNs } from '../enforced/rate-limit.js';
import { shown } from '../krakend-finding.js';
import { PROXY_NAMES, sectionNamed } from '../sections/known-sections.js';
import { importBackend } from './backend.js';
import { Fields, timeoutText } from './fields.js';
import { FileContext } from './file-context.js';

/** A parsed item of the list `backend`. */
interface Entry {
  readonly index: number;
  readonly fields: Fields;
  readonly extra: Section;
  /** The timeout of a shadow call; `undefined` if the backend is no shadow. */
  readonly shadowNs?: bigint;
}

/**
 * Imports the backends of an endpoint. Shadow backends get a copy of each
 * request, and nobody waits for them; the other backends share the endpoint's
 * timeout.
 */
export function importBackends(
  endpoint: Fields,
  proxy: Section,
  key: string,
  endpointNs: bigint,
  file: FileContext,
): void {
  const entries = entriesOf(endpoint, endpointNs, file);
  const shadows = entries.filter(({ shadowNs }) => shadowNs !== undefined);
  const regular = entries.filter(({ shadowNs }) => shadowNs === undefined);
  const calls = endpoint.int('concurrent_calls');
  const isNoOp = outputEncoding(endpoint, file) === 'no-op';
  const share = shareOf(endpointNs, regular.length, calls);
  if (share < endpointNs) reportShare(endpoint, regular.length, calls, share);
  const guarded = regular.filter((entry) =>
    importBackend({ ...entry, key, isNoOp, timeoutNs: share }, file),
  );
  if (regular.length > 1) reportRefusals(endpoint, proxy, regular, guarded);
  const longest = shadows.reduce(
    (ns, { shadowNs = 0n }) => (shadowNs > ns ? shadowNs : ns),
    0n,
  );
  const shadowShare = shareOf(endpointNs, shadows.length, calls);
  const isShared = shadowShare < endpointNs;
  const timeoutNs = isShared && shadowShare < longest ? shadowShare : longest;
  for (const entry of shadows) {
    reportShadow(entry, timeoutNs);
    importBackend({ ...entry, key, isNoOp, timeoutNs }, file);
  }
}

function entriesOf(
  endpoint: Fields,
  endpointNs: bigint,
  file: FileContext,
): Entry[] {
  return endpoint.list('backend').flatMap((item, index) => {
    const place = endpoint.place.at('backend').at(index);
    const section = sectionOf(item);
    if (!section) {
      place.report('backend-not-imported', {
        written: shown(item),
        enforced: 'KrakenD does not start with such a backend.',
        fix: 'Write an object with host and url_pattern.',
      });
      return [];
    }
    const fields = new Fields(section, place);
    const extra = fields.object('extra_config');
    const shadowNs = shadowTimeoutNs(extra, endpointNs, fields, file);
    return [{ index, fields, extra, shadowNs }];
  });
}

/** The timeout of a shadow call; `undefined` if the backend is no shadow. */
function shadowTimeoutNs(
  extra: Section,
  endpointNs: bigint,
  backend: Fields,
  { dialect }: FileContext,
): bigint | undefined {
  const name = sectionNamed(PROXY_NAMES, extra, dialect.version) ?? '';
  const proxy = sectionOf(fieldOf(extra, name)) ?? {};
  if (fieldOf(proxy, 'shadow') !== true) return undefined;
  const written = fieldOf(proxy, 'shadow_timeout');
  const ns = typeof written === 'string' ? durationNs(written) : undefined;
  if (ns === undefined && written !== undefined) {
    backend.place
      .at('extra_config')
      .at(name)
      .at('shadow_timeout')
      .report('timeout-without-effect', {
        written: `shadow_timeout: ${shown(written)}`,
        enforced: `Nothing: it is no duration, so the endpoint's ${durationText(endpointNs)} holds.`,
        fix: 'Write a duration such as shadow_timeout: "2s".',
      });
  }
  return ns ?? endpointNs;
}

function outputEncoding(endpoint: Fields, file: FileContext): string {
  return endpoint.text('output_encoding') || file.outputEncoding;
}

/** KrakenD gives several backends 85 % of the endpoint's timeout, and concurrent calls 75 %. */
function shareOf(endpointNs: bigint, backends: number, calls: number): bigint {
  if (calls > 1) return (endpointNs * 75n) / 100n;
  return backends > 1 ? (endpointNs * 85n) / 100n : endpointNs;
}

function reportShare(
  endpoint: Fields,
  backends: number,
  calls: number,
  share: bigint,
): void {
  endpoint.place.report('timeout-shared', {
    written:
      calls > 1
        ? `concurrent_calls: ${shown(endpoint.value('concurrent_calls'))}`
        : `${backends} backends`,
    enforced: `They have ${calls > 1 ? 75 : 85} % of the endpoint's time: ${durationText(share)}.`,
    fix: 'Nothing; the rest is kept for putting the answer together.',
  });
}

function reportShadow({ fields }: Entry, timeoutNs: bigint): void {
  fields.place.report('shadow-backend', {
    written: 'proxy.shadow: true',
    enforced: `A copy of each request goes there, for at most ${timeoutText(timeoutNs)}; nobody waits for the answer.`,
    fix: 'In the handler call it without awaiting it, and catch what it throws.',
  });
}

/** Reports what the caller gets if one of several backends refuses. */
function reportRefusals(
  endpoint: Fields,
  proxy: Section,
  regular: readonly Entry[],
  guarded: readonly Entry[],
): void {
  if (guarded.length === 0) return;
  const place = endpoint.place.at('backend');
  const isSequential = calledInTurn(proxy);
  if (isSequential && guarded[0] === regular[0]) {
    place.report('sequential-refusal', {
      written: 'sequential backends, of which the first may refuse',
      enforced:
        'Where the first refuses, the caller gets 500 and the others are not called.',
      fix: 'Let the exception of the first call leave the handler.',
    });
  }
  if (isSequential && guarded.at(-1) === regular[0]) return;
  place.report('partial-answers', {
    written: 'several backends, of which one or more may refuse',
    enforced: `Where ${isSequential ? 'a later one' : 'one'} refuses, the caller gets 200 with what the others answered and X-Krakend-Completed: false.`,
    fix: 'Decide in the handler what to answer when a call throws.',
  });
}

function calledInTurn(proxy: Section): boolean {
  const strategy = fieldOf(proxy, 'strategy');
  return strategy === undefined
    ? fieldOf(proxy, 'sequential') === true
    : strategy === 'sequential';
}
