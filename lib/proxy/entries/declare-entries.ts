import { didYouMean } from '../../config/format/text.js';
import { check, Fault } from '../../config/fault.js';
import { Findings } from '../../config/findings.js';
import { backendLimitFindings } from '../../config/limit-findings.js';
import { ApplicationClass } from '../../config/application-classes.js';
import { backendLimit } from '../../config/schema/backend-limit.schema.js';
import { BackendConfig } from '../../config/schema/backend.schema.js';
import { DeclaredEntry, ENTRIES, Entry, entryPath } from './entry.js';

/** The input of {@link declareEntries}. */
export interface EntrySources {
  readonly classes: readonly ApplicationClass[];
  readonly backends: ReadonlyMap<string, BackendConfig>;
  readonly findings: Findings;
  readonly faults: Fault[];
}

/** Finds and validates every entry of the application. Errors are added to the faults. */
export function declareEntries(sources: EntrySources): DeclaredEntry[] {
  const declared: DeclaredEntry[] = [];
  for (const { type, methods, isController } of sources.classes) {
    for (const { name, body, marks } of methods) {
      if (!marks.includes(ENTRIES)) continue;
      const where = `${type.name}.${name}`;
      entriesOn(body).forEach((entry, i) => {
        const limit = readEntry(entry, where, sources);
        checkEarly(entry, where, isController, sources.faults);
        const label = `${where}${i > 0 ? `-${i + 1}` : ''}#${declared.length}`;
        if (limit) declared.push({ entry, owner: type, label, limit });
      });
    }
  }
  return declared;
}

function entriesOn(method: Function): readonly Entry[] {
  return Reflect.getMetadata(ENTRIES, method) as Entry[];
}

/** `refuseEarly` is valid only on handlers and controllers, where a guard runs. */
function checkEarly(
  entry: Entry,
  where: string,
  hasDoor: boolean,
  faults: Fault[],
): void {
  const { refuseEarly } = entry;
  const path = `${entryPath(entry, where)}.refuseEarly`;
  const allowed = hasDoor
    ? 'true or false'
    : 'only on handlers and controllers';
  const isRight = hasDoor ? typeof refuseEarly === 'boolean' : !refuseEarly;
  if (refuseEarly === undefined || isRight) return;
  faults.push({ path, found: String(refuseEarly), allowed });
}

function readEntry(entry: Entry, where: string, sources: EntrySources) {
  const { backends, faults, findings } = sources;
  const path = entryPath(entry, where);
  if (!backends.has(entry.backend)) {
    const hint = didYouMean(entry.backend, backends.keys());
    faults.push({
      path,
      found: JSON.stringify(entry.backend),
      allowed: `the name of a backend of the configuration${hint}`,
    });
  }
  const limit = check(backendLimit, entry.limit, path, faults);
  if (limit)
    backendLimitFindings(limit, path).forEach((finding) =>
      findings.add(finding),
    );
  return limit;
}
