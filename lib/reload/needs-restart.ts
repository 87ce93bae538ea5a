import { Fault } from '../config/fault.js';

/** A change that needs a restart. */
export function needsRestart(path: string, allowed: string): Fault {
  return {
    path,
    found: 'a change at run time',
    allowed: `${allowed}; a change needs a restart`,
  };
}
