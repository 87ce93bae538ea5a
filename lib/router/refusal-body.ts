import { RouterRefusal } from './refusals.js';

/** By the names of the limits that refused, as a plan holds them. */
const prepared = new WeakMap<readonly string[], string>();

/** Writes the problem document of a plan's refusal before it is needed: it is the same whenever the same limits refuse. */
export function prepareBody(refusal: RouterRefusal): void {
  prepared.set(refusal.refusedBy, written(refusal));
}

/** The problem document of a refusal, as it is sent. */
export function bodyOf(refusal: RouterRefusal): string {
  return prepared.get(refusal.refusedBy) ?? written(refusal);
}

function written(refusal: RouterRefusal): string {
  return JSON.stringify(refusal.getResponse());
}
