import { ProblemKind } from './problem-kind.js';

/** What a problem document of RFC 9457 says. */
export interface Problem extends ProblemKind {
  /** What happened this time, fit for strangers. */
  readonly detail: string;
  /** Names of the policies that refused (draft-ietf-httpapi-ratelimit-headers-11, section 5). */
  readonly 'violated-policies'?: readonly string[];
}
