import { DiscoveryService, MetadataScanner } from '@nestjs/core';

/** A controller, or a provider such as a gateway, whose methods can carry decorators. */
export interface ApplicationClass {
  readonly type: Function;
  /** The class name of its module, such as `CatalogModule`; empty if it has none. */
  readonly module: string;
  readonly isController: boolean;
  readonly marks: Marks;
  /** The decorated methods, inherited ones included. */
  readonly methods: readonly ClassMethod[];
}

/** A decorated method. */
export interface ClassMethod {
  readonly name: string;
  readonly body: Function;
  readonly marks: Marks;
}

/** All classes of the application, controllers first. A class that several modules declare appears once, under the first of them. */
export function applicationClasses(
  discovery: DiscoveryService,
  scanner: MetadataScanner,
): ApplicationClass[] {
  const classes = new Map<Function, ApplicationClass>();
  const add = (owners: readonly Owner[], isController: boolean) => {
    for (const { metatype: type, host } of owners) {
      if (typeof type !== 'function' || classes.has(type)) continue;
      const prototype = type.prototype as object | undefined;
      if (!prototype) continue;
      const module = host?.metatype?.name ?? '';
      const marks = marksOf(type);
      const methods = methodsOf(prototype, scanner);
      classes.set(type, { type, module, isController, marks, methods });
    }
  };
  add(discovery.getControllers(), true);
  add(discovery.getProviders(), false);
  return [...classes.values()];
}

type Owner = ReturnType<DiscoveryService['getControllers']>[number];

function methodsOf(prototype: object, scanner: MetadataScanner): ClassMethod[] {
  const methods: ClassMethod[] = [];
  for (const name of scanner.getAllMethodNames(prototype)) {
    const body = Reflect.get(prototype, name) as Function;
    const marks = marksOf(body);
    if (marks.length > 0) methods.push({ name, body, marks });
  }
  return methods;
}

/** The metadata keys of a class or method, read once and then searched several times. */
export type Marks = readonly unknown[];

/** The prototypes of plain and async functions. They carry no decorator metadata, so the lookup can skip them. */
const COMMON: ReadonlySet<unknown> = new Set([
  Function.prototype,
  Object.getPrototypeOf(async () => undefined),
]);

/** The metadata keys of a class or method, inherited ones included. */
export function marksOf(decorated: Function): Marks {
  // Own keys are read three times as fast, and this runs for every method of the application.
  return COMMON.has(Object.getPrototypeOf(decorated))
    ? (Reflect.getOwnMetadataKeys(decorated) as Marks)
    : (Reflect.getMetadataKeys(decorated) as Marks);
}

/** Identifies this copy of the library. A process has several if it loads both module formats or two versions. */
const thisCopy = Symbol('this copy of nestjs-floodgate');

/** The metadata key that lists the copies of the library whose decorators are on a class or method. */
export const COPIES = 'floodgate:copies';

/** Records that a decorator of this copy is on a class or method. */
export function markCopy(decorated: Function): void {
  const copies = copiesOn(decorated);
  if (copies.includes(thisCopy)) return;
  Reflect.defineMetadata(COPIES, [...copies, thisCopy], decorated);
}

/** Whether a decorator of another copy is on a class or method. This copy can't read its metadata. */
export function isFromAnotherCopy(decorated: Function): boolean {
  return copiesOn(decorated).some((copy) => copy !== thisCopy);
}

function copiesOn(decorated: Function): readonly symbol[] {
  return (Reflect.getMetadata(COPIES, decorated) ?? []) as symbol[];
}
