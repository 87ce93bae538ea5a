import { Refusal } from '../refusal.js';
import { Admission, Passage } from './gate.js';

/**
 * The passage of a request whose refusal is carried out by its exception.
 *
 * @throws RouterRefusal when it is refused
 */
export function orThrow(passing: Passage): Admission | Promise<Admission> {
  return passing instanceof Promise
    ? passing.then(admissionIn)
    : admissionIn(passing);
}

function admissionIn(passed: Admission | Refusal): Admission {
  if (passed instanceof Refusal) throw passed.exception();
  return passed;
}
