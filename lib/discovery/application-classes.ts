import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Marks, marksOf } from './marks.js';

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
