import type { Evidence } from '../evidence.js';
import { catalogRate, pricesRate, similarRate } from './backend-rates.js';
import { nothingIsLeftBehind } from './clean-end.js';
import { everyCallIsAnswered } from './every-call-answered.js';
import { greedyAloneIsRefused, greedyGetsItsShare } from './greedy-client.js';
import { openBreakerIsSilent } from './open-breaker.js';
import { pagesGoOnWithoutPrice } from './page-without-price.js';
import { crowdIsNotBlamed } from './polite-crowd.js';
import { recoveryIsSeen } from './recovery.js';
import { refusalsSayWhen } from './refusals.js';
import { searchKeepsItsQuota } from './search-quota.js';
import { slowBackendIsCutOff } from './slow-backend.js';
import { steadyTraffic } from './steady-traffic.js';
import type { Judge, Verdict } from './verdict.js';

const judges: Judge[] = [
  steadyTraffic,
  greedyAloneIsRefused,
  greedyGetsItsShare,
  searchKeepsItsQuota,
  crowdIsNotBlamed,
  catalogRate,
  similarRate,
  pricesRate,
  slowBackendIsCutOff,
  openBreakerIsSilent,
  pagesGoOnWithoutPrice,
  recoveryIsSeen,
  refusalsSayWhen,
  everyCallIsAnswered,
  nothingIsLeftBehind,
];

/** Every promise, in the order of the demo. */
export function judge(evidence: Evidence): Verdict[] {
  return judges.map((one) => one(evidence));
}
