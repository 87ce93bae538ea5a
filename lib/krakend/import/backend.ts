import { durationText } from '../../config/format/limits.js';
import {
  enforcedBreaker,
  EnforcedBreaker,
} from '../enforced/circuit-breaker.js';
import { fieldOf, Section, sectionOf } from '../enforced/go-value.js';
import { reportBreaker } from '../findings/breaker-findings.js';
import { reportProxyLimit } from '../findings/limit-findings.js';
import { Place, shown } from '../krakend-finding.js';
import {
  BREAKER_NAMES,
  HTTP_BREAKER,
  HTTP_NAMES,
  otherTransport,
  protectionsIn,
  sectionNamed,
} from '../sections/known-sections.js';
import { reportNames, reportStraySections } from '../sections/name-findings.js';
import { refuses } from '../sections/unimported-sections.js';
import { noAnswer, statusOtherThan } from '../strategies.js';
import { Fields, sectionAt } from './fields.js';
import { FileContext } from './file-context.js';
import { BackendOptions } from './imported-backends.js';
import { bucketOptions } from './limit-options.js';

/** A backend entry of an endpoint. */
interface BackendEntry {
  readonly fields: Fields;
  readonly extra: Section;
  /** The endpoint, such as `GET /products/{id}`, and the index in its list. */
  readonly key: string;
  readonly index: number;
  /** Whether the endpoint passes responses through unchanged (`no-op`). */
  readonly isNoOp: boolean;
  readonly timeoutNs: bigint;
}

type OwnOptions = Pick<BackendOptions, 'rateLimit' | 'circuitBreaker'>;

/** Imports a backend entry; returns whether it can refuse calls. */
export function importBackend(entry: BackendEntry, file: FileContext): boolean {
  const { fields, extra, key, index, timeoutNs } = entry;
  const inside = fields.place.at('extra_config');
  const { version } = file.dialect;
  reportStraySections(fields.section, fields.place);
  reportNames(extra, 'backend', version, inside);
  file.unimported.addSections(extra, 'backend', version, inside);
  if (fields.value('timeout') !== undefined) {
    fields.place.at('timeout').report('timeout-without-effect', {
      written: `timeout: ${shown(fields.value('timeout'))} in a backend`,
      enforced: "Nothing: a backend has its endpoint's timeout.",
      fix: 'Write timeout in the endpoint.',
    });
  }
  const hosts = hostsOf(entry, file);
  if (!hosts) return limitsIn(extra).length > 0;
  const own = ownOptions(entry, file, inside);
  file.backends.add({ key, index, hosts, own, timeoutNs });
  return Object.keys(own).length > 0;
}

/** The base URLs of a backend, which default to those of the file; `undefined` if it can't be called over HTTP. */
function hostsOf(
  { fields, extra }: BackendEntry,
  file: FileContext,
): string[] | undefined {
  const transport = otherTransport(extra);
  const own = fields.list('host');
  const written = own.length > 0 ? own : file.root.list('host');
  const scheme = reportDiscovery(fields) ? fields.text('sd_scheme') : '';
  const hosts = [
    ...new Set(written.flatMap((host) => baseUrl(host, scheme) ?? [])),
  ];
  if (!transport && hosts.length > 0) {
    if (new Set(written).size !== hosts.length) {
      fields.place.at('host').report('backend-not-imported', {
        written: `host: ${shown(written)}`,
        enforced: 'Only its http and https hosts are imported.',
        fix: 'Write the base URLs of an HTTP service.',
      });
    }
    return hosts;
  }
  const what = written.length > 0 ? `host: ${shown(written)}` : 'no host';
  const protection = limitsIn(extra);
  const isProtected = protection.length > 0;
  fields.place
    .at(transport ? 'extra_config' : 'host')
    .report(
      isProtected ? 'protected-backend-not-imported' : 'backend-not-imported',
      {
        written: `${transport ? `a backend over ${transport}` : what}${isProtected ? `, under ${protection.join(' and ')}` : ''}`,
        enforced: `KrakenD calls it ${transport ? `over ${transport}` : 'in another way than HTTP, or not at all'}. It is not imported${isProtected ? ', and its protection is not either' : ''}.`,
        fix: isProtected
          ? 'Protect the calls with @ProxyRateLimit on the method that makes them, or call it over HTTP and write its base URLs.'
          : 'Call it in the handler; for an HTTP service write its base URLs.',
      },
    );
  return undefined;
}

function limitsIn(extra: Section): string[] {
  return protectionsIn(extra).filter((name) => /ratelimit|breaker/.test(name));
}

/** Returns whether the hosts are names for service discovery. */
function reportDiscovery(backend: Fields): boolean {
  const driver = backend.text('sd');
  if (driver === '' || driver === 'static') return false;
  backend.place.at('sd').report('backend-resolved-by-service-discovery', {
    written: `sd: ${shown(driver)}`,
    enforced:
      'KrakenD asks a service discovery (SRV records for "dns") which hosts and ports are meant. Here the names are called as they stand.',
    fix: 'Write the base URLs with their ports, or give the backend a lookup function.',
  });
  return true;
}

/** Like KrakenD, adds `http://` to a host without a scheme, and removes trailing slashes. */
function baseUrl(host: unknown, scheme: string): string | undefined {
  if (typeof host !== 'string') return undefined;
  const trimmed = withoutSlashes(host.trim());
  const url = trimmed.includes('://')
    ? trimmed
    : `${scheme || 'http'}://${trimmed}`;
  return /^https?:\/\/[\w.[\]:-]+(\/\S*)?$/.test(url) && URL.canParse(url)
    ? url
    : undefined;
}

/** Removes trailing slashes in linear time, which `/\/+$/` doesn't guarantee. */
function withoutSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end--;
  return text.slice(0, end);
}

/** The limit and the breaker that belong to this entry alone. */
function ownOptions(
  entry: BackendEntry,
  file: FileContext,
  place: Place,
): OwnOptions {
  const own: OwnOptions = {
    ...rateLimitOf(entry.extra, file, place),
    ...breakerOf(entry, file, place),
  };
  if (own.rateLimit && own.circuitBreaker) {
    place.report('limit-trips-breaker', {
      written: 'a rate limit and a circuit breaker on one backend',
      enforced:
        'A call that the limit refuses counts as a failure and may open the breaker. Here it does not.',
      fix: 'Keep both; here they do not meet.',
    });
  }
  return own;
}

function rateLimitOf(
  extra: Section,
  { dialect }: FileContext,
  place: Place,
): Pick<BackendOptions, 'rateLimit'> {
  const section = sectionAt(extra, dialect.proxy, place);
  if (!section) return {};
  const bucket = dialect.proxyLimit(section);
  reportProxyLimit(section, bucket, dialect, place.at(dialect.proxy));
  return bucket ? { rateLimit: bucketOptions(bucket) } : {};
}

function breakerOf(
  { extra, isNoOp, fields }: BackendEntry,
  file: FileContext,
  place: Place,
): Pick<BackendOptions, 'circuitBreaker'> {
  const { dialect } = file;
  const [name, second] = [BREAKER_NAMES, [HTTP_BREAKER]].flatMap(
    (names) => sectionNamed(names, extra, dialect.version) ?? [],
  );
  if (second) reportSecondBreaker(second, file, place);
  const section = name && sectionAt(extra, name, place);
  if (!section) return {};
  const at = place.at(name);
  const breaker = enforcedBreaker(section, dialect.breakerFields);
  reportBreaker(section, breaker, dialect.breakerFields, at);
  if (!breaker) return {};
  noteName(breaker.name, at, file);
  const isFailure =
    name === HTTP_BREAKER
      ? statusOtherThan(...goodStatuses(section))
      : isFailureOf(
          extra,
          isNoOp || fields.text('encoding') === 'no-op',
          file,
          at,
        );
  return { circuitBreaker: { ...breakerOptions(breaker), isFailure } };
}

function reportSecondBreaker(
  name: string,
  { unimported }: FileContext,
  place: Place,
): void {
  unimported.add(
    `a section ${JSON.stringify(name)} beside another breaker`,
    refuses(
      'Both breakers refuse calls. The other one is imported.',
      'Keep one of the two.',
    ),
    place.at(name),
  );
}

function noteName(name: string, place: Place, { breakerNames }: FileContext) {
  if (name === '') return;
  const places = breakerNames.get(name);
  if (places) places.push(place);
  else breakerNames.set(name, [place]);
}

function breakerOptions(breaker: EnforcedBreaker) {
  const { opensOnFailure, intervalNs, timeoutNs, name } = breaker;
  return {
    maxErrors: opensOnFailure,
    ...(intervalNs > 0n ? { interval: durationText(intervalNs) } : {}),
    timeout: durationText(timeoutNs),
    ...(/^[\w.:-]{1,64}$/.test(name) ? { name } : {}),
    ...(breaker.logStatusChange ? { logStatusChange: true } : {}),
  };
}

const NOT_200_OR_201 = statusOtherThan(200, 201);

/** Only a string in `return_error_details` hides a failed status from the breaker; `return_error_code` doesn't. */
function isFailureOf(
  extra: Section,
  isNoOp: boolean,
  { dialect }: FileContext,
  place: Place,
) {
  const name = sectionNamed(HTTP_NAMES, extra, dialect.version) ?? '';
  const http = sectionOf(fieldOf(extra, name)) ?? {};
  const details = fieldOf(http, 'return_error_details');
  const isHidden = typeof details === 'string' && details !== '';
  if (!isNoOp && !isHidden) {
    place.report('breaker-counts-client-errors', {
      written: 'a circuit breaker',
      enforced:
        'Every status but 200 and 201 is a failure, a 204 or a 404 too. That is imported.',
      fix: 'Remove isFailure from the imported breaker to count only 5xx, timeouts and broken connections.',
    });
    return NOT_200_OR_201;
  }
  place.report('breaker-sees-no-status', {
    written: isNoOp
      ? 'a circuit breaker under "no-op"'
      : `a circuit breaker with return_error_details: ${shown(details)}`,
    enforced:
      'It never sees a status: a backend that answers 500 to everything does not open it. That is imported.',
    fix: 'Remove isFailure from the imported breaker to count 5xx as well.',
  });
  return noAnswer;
}

function goodStatuses(section: Section): number[] {
  const codes = fieldOf(section, 'valid_status_codes');
  return Array.isArray(codes)
    ? codes.filter((code) => Number.isInteger(code))
    : [];
}
