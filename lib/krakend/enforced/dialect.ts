import {
  BREAKER_FIELDS,
  BREAKER_FIELDS_OF_1,
  BreakerFields,
} from './circuit-breaker.js';
import { EnforcedBucket } from './enforced-bucket.js';
import { Section } from './go-value.js';
import { proxyLimit, proxyLimitOf1 } from './proxy-limit.js';
import {
  EnforcedRouterLimit,
  routerLimit,
  routerLimitOf1,
} from './router-limit.js';

/** How a generation of KrakenD names and reads its sections. */
export interface Dialect {
  readonly router: string;
  readonly proxy: string;
  /** The first that is there counts. */
  readonly breakers: readonly string[];
  readonly breakerFields: BreakerFields;
  routerLimit(section: Section): EnforcedRouterLimit;
  proxyLimit(section: Section): EnforcedBucket | undefined;
}

const GOBREAKER = 'github.com/devopsfaith/krakend-circuitbreaker/gobreaker';

/** KrakenD 0 and 1, which run files of version 2. */
export const KRAKEND_1: Dialect = {
  router: 'github.com/devopsfaith/krakend-ratelimit/juju/router',
  proxy: 'github.com/devopsfaith/krakend-ratelimit/juju/proxy',
  breakers: [GOBREAKER],
  breakerFields: BREAKER_FIELDS_OF_1,
  routerLimit: routerLimitOf1,
  proxyLimit: proxyLimitOf1,
};

/** KrakenD 2, which runs files of version 3. The old name of the breaker is an alias still. */
export const KRAKEND_2: Dialect = {
  router: 'qos/ratelimit/router',
  proxy: 'qos/ratelimit/proxy',
  breakers: ['qos/circuit-breaker', GOBREAKER],
  breakerFields: BREAKER_FIELDS,
  routerLimit,
  proxyLimit,
};
