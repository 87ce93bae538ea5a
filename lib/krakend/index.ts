export { fromKrakend, fromKrakendAsync } from './from-krakend.js';
export type {
  KrakendImport,
  KrakendImportOptions,
  KrakendSource,
} from './from-krakend.js';
export type { ImportedUse } from './import/imported-backends.js';
export type {
  KrakendFinding,
  KrakendFindingCode,
  Severity,
} from './krakend-finding.js';
export {
  addressInHeader,
  noAnswer,
  noClient,
  statusOtherThan,
} from './strategies.js';
/** What KrakenD enforces for each section, in numbers: the arithmetic behind the import. */
export * as enforced from './enforced/index.js';
