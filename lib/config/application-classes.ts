import { DiscoveryService, MetadataScanner } from '@nestjs/core';

/** A class of the application whose methods may carry decorators: a controller, or a provider such as a gateway. */
export interface ApplicationClass {
  readonly type: Function;
  /** Name of the class of its module, `CatalogModule`; empty where there is none. */
  readonly module: string;
  readonly isController: boolean;
  readonly marks: Marks;
  /** Those that carry a decorator, of its base classes included. */
  readonly methods: readonly ClassMethod[];
}

/** A method as decorators see it. */
export interface ClassMethod {
  readonly name: string;
  readonly body: Function;
  readonly marks: Marks;
}

/** Every class of the application, controllers first, each once, as of the first module that names it. */
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

/** What decorators left on a class or a method, by the keys of its metadata: many questions, for which it is looked at once. */
export type Marks = readonly unknown[];

/** What functions inherit from, unless someone wrapped them; decorators leave nothing there. */
const COMMON: ReadonlySet<unknown> = new Set([
  Function.prototype,
  Object.getPrototypeOf(async () => undefined),
]);

/** The marks of a class or a method, those it inherits included. */
export function marksOf(decorated: Function): Marks {
  // Three times as fast, for each method of an application.
  return COMMON.has(Object.getPrototypeOf(decorated))
    ? (Reflect.getOwnMetadataKeys(decorated) as Marks)
    : (Reflect.getMetadataKeys(decorated) as Marks);
}

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
