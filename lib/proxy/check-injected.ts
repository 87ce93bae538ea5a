import { didYouMean } from '../config/did-you-mean.js';
import { Fault } from '../config/fault.js';
import { ApplicationClass } from '../discovery/application-classes.js';
import { BackendConfig } from '../config/schema/backend.schema.js';
import { backendsInjectedBy } from './inject-backend.decorator.js';

/** What the injections of an application are checked against. */
export interface InjectionSources {
  readonly classes: readonly ApplicationClass[];
  readonly backends: ReadonlyMap<string, BackendConfig>;
  readonly faults: Fault[];
}

/** A class of this application that injects a backend which is not configured is a fault. */
export function checkInjected(sources: InjectionSources): void {
  const { classes, backends, faults } = sources;
  for (const { type } of classes) {
    for (const name of new Set(backendsInjectedBy(type))) {
      if (backends.has(name)) continue;
      const hint = didYouMean(name, backends.keys());
      faults.push({
        path: `@InjectBackend("${name}") in ${type.name}`,
        found: JSON.stringify(name),
        allowed: `the name of a backend of the configuration${hint}`,
      });
    }
  }
}
