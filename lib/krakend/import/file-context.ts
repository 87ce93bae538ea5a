import { Dialect, KRAKEND_1, KRAKEND_2 } from '../enforced/dialect.js';
import { Section } from '../enforced/go-value.js';
import { KrakendFinding, Place } from '../krakend-finding.js';
import { UnimportedFindings } from '../sections/unimported-findings.js';
import { DEFAULT_TIMEOUT_NS, Fields, timeoutNs, versionOf } from './fields.js';
import { ImportedBackends } from './imported-backends.js';
import { AddressTrust, addressTrust } from './router-options.js';

/** Settings that apply to a whole file, and what its parts add during the import. */
export interface FileContext {
  readonly root: Fields;
  /** `extra_config` of the service. */
  readonly extra: Section;
  readonly dialect: Dialect;
  readonly timeoutNs: bigint;
  /** The default `output_encoding` of endpoints. */
  readonly outputEncoding: string;
  readonly trust: AddressTrust;
  readonly backends: ImportedBackends;
  readonly unimported: UnimportedFindings;
  /** The places of the breakers, by name. */
  readonly breakerNames: Map<string, Place[]>;
  readonly findings: KrakendFinding[];
}

/** Reads the settings at the root of a file. */
export function fileContext(section: Section): FileContext {
  const findings: KrakendFinding[] = [];
  const root = new Fields(section, Place.root(findings));
  const version = versionOf(root);
  const extra = root.object('extra_config');
  return {
    root,
    extra,
    dialect: version === 2 ? KRAKEND_1 : KRAKEND_2,
    timeoutNs: timeoutNs(root, DEFAULT_TIMEOUT_NS),
    outputEncoding: root.text('output_encoding'),
    trust: addressTrust(extra, version, root.place.at('extra_config')),
    backends: new ImportedBackends(),
    unimported: new UnimportedFindings(),
    breakerNames: new Map(),
    findings,
  };
}
