/** This copy of the library: a process that loads it as both formats, or in two versions, has several. */
const thisCopy = Symbol('this copy of nestjs-floodgate');

/** The copies whose decorators stand on a class or a method. */
export const COPIES = 'floodgate:copies';

/** Notes that a decorator of this copy stands on a class or a method. */
export function markCopy(decorated: Function): void {
  const copies = copiesOn(decorated);
  if (copies.includes(thisCopy)) return;
  Reflect.defineMetadata(COPIES, [...copies, thisCopy], decorated);
}

/** Whether a decorator of another copy stands there: what it asks for is not known to this one. */
export function isFromAnotherCopy(decorated: Function): boolean {
  return copiesOn(decorated).some((copy) => copy !== thisCopy);
}

function copiesOn(decorated: Function): readonly symbol[] {
  return (Reflect.getMetadata(COPIES, decorated) ?? []) as symbol[];
}
