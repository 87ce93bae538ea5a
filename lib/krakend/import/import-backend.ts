import {
  circuitBreaker,
  EnforcedBreaker,
} from '../enforced/circuit-breaker.js';
import { Dialect, KRAKEND_1 } from '../enforced/dialect.js';
import { fieldOf, Section, sectionOf } from '../enforced/go-value.js';
import { Place, shown } from '../place.js';
import { remarkOnBreaker } from '../remarks/breaker-remarks.js';
import { remarkOnProxy, remarkOnProxyOf1 } from '../remarks/proxy-remarks.js';
import { noAnswer, statusOtherThan } from '../strategies.js';
import { durationText } from '../../config/words/duration-text.js';
import { bucketOptions } from './limit-options.js';
import { BackendOptions } from './pool-options.js';
import { sectionAt } from './section-at.js';

type OwnOptions = Pick<BackendOptions, 'rateLimit' | 'circuitBreaker'>;

/** What one entry of one endpoint has to itself: its limit and its breaker. */
export function ownOptions(
  backend: Section,
  isNoOp: boolean,
  dialect: Dialect,
  place: Place,
): OwnOptions {
  const extra = sectionOf(fieldOf(backend, 'extra_config')) ?? {};
  const inside = place.at('extra_config');
  const options: OwnOptions = {
    ...rateLimitOf(extra, dialect, inside),
    ...breakerOf(extra, isNoOp, dialect, inside),
  };
  if (options.rateLimit && options.circuitBreaker) {
    inside.remark('limit-trips-breaker', {
      written: 'a rate limit and a circuit breaker on one backend',
      enforced:
        'A call that the limit refuses counts as a failure and may open the breaker. Here it does not.',
      fix: 'Keep both; here they do not meet.',
    });
  }
  return options;
}

function rateLimitOf(
  extra: Section,
  dialect: Dialect,
  place: Place,
): Pick<BackendOptions, 'rateLimit'> {
  const section = sectionAt(extra, dialect.proxy, place);
  if (!section) return {};
  const bucket = dialect.proxyLimit(section);
  const remark = dialect === KRAKEND_1 ? remarkOnProxyOf1 : remarkOnProxy;
  remark(section, bucket, place.at(dialect.proxy));
  return bucket ? { rateLimit: bucketOptions(bucket) } : {};
}

const HTTP_BREAKER = 'qos/circuit-breaker/http';

function breakerOf(
  extra: Section,
  isNoOp: boolean,
  dialect: Dialect,
  place: Place,
): Pick<BackendOptions, 'circuitBreaker'> {
  const names =
    dialect === KRAKEND_1
      ? dialect.breakers
      : [...dialect.breakers, HTTP_BREAKER];
  const name = names.find((name) => Object.hasOwn(extra, name));
  const section = name && sectionAt(extra, name, place);
  if (!section) return {};
  const at = place.at(name);
  const breaker = circuitBreaker(section, dialect.breakerFields);
  remarkOnBreaker(section, breaker, dialect.breakerFields, at);
  if (!breaker) return {};
  const isFailure =
    name === HTTP_BREAKER
      ? statusOtherThan(...goodStatuses(section))
      : isFailureOf(extra, isNoOp, at);
  return { circuitBreaker: { ...breakerOptions(breaker), isFailure } };
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

function isFailureOf(extra: Section, isNoOp: boolean, place: Place) {
  const http = sectionOf(fieldOf(extra, 'backend/http')) ?? {};
  const details = fieldOf(http, 'return_error_details');
  if (!isNoOp && details === undefined) {
    place.remark('breaker-counts-client-errors', {
      written: 'a circuit breaker',
      enforced:
        'Every status but 200 and 201 is a failure, a 204 or a 404 too. That is imported.',
      fix: 'Remove isFailure from the imported breaker to count only 5xx, timeouts and broken connections.',
    });
    return statusOtherThan(200, 201);
  }
  place.remark('breaker-sees-no-status', {
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
