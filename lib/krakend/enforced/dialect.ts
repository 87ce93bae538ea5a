import {
  BREAKER_FIELDS,
  BREAKER_FIELDS_OF_1,
  BreakerFields,
} from './circuit-breaker.js';
import { Section } from './go-value.js';
import {
  EnforcedBucket,
  EnforcedRouterLimit,
  proxyLimit,
  proxyLimitOf1,
  enforcedRouterLimit,
  routerLimitOf1,
} from './rate-limit.js';

/** How one major version of KrakenD names and reads its sections. */
export interface Dialect {
  /** The version of the configuration files that it reads. */
  readonly version: 2 | 3;
  readonly router: string;
  readonly proxy: string;
  readonly breakerFields: BreakerFields;
  routerLimit(section: Section): EnforcedRouterLimit;
  proxyLimit(section: Section): EnforcedBucket | undefined;
}

/** KrakenD 0 and 1. */
export const KRAKEND_1: Dialect = {
  version: 2,
  router: 'github.com/devopsfaith/krakend-ratelimit/juju/router',
  proxy: 'github.com/devopsfaith/krakend-ratelimit/juju/proxy',
  breakerFields: BREAKER_FIELDS_OF_1,
  routerLimit: routerLimitOf1,
  proxyLimit: proxyLimitOf1,
};

/** KrakenD 2. */
export const KRAKEND_2: Dialect = {
  version: 3,
  router: 'qos/ratelimit/router',
  proxy: 'qos/ratelimit/proxy',
  breakerFields: BREAKER_FIELDS,
  routerLimit: enforcedRouterLimit,
  proxyLimit,
};
