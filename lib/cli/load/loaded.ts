import { ThrottleOptions } from '../../config/schema/throttle-options.schema.js';
import { Severity } from '../../krakend/krakend-finding.js';

/** Something to tell about a configuration, from either kind of file. */
export interface Remark {
  readonly code: string;
  readonly severity: Severity;
  /** What it concerns. */
  readonly subject: string;
  readonly path: string;
  readonly written?: string;
  readonly enforced: string;
  readonly fix: string;
}

/** A configuration that was read from a file. */
export interface Loaded {
  readonly kind: 'krakend' | 'floodgate';
  readonly options: ThrottleOptions;
  readonly remarks: readonly Remark[];
}
