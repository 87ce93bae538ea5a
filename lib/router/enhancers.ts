import { Marks } from '../discovery/marks.js';

/** Where Nest keeps what `@UseGuards` was given. */
const GUARDS = '__guards__';
/** Where Nest keeps what `@UseInterceptors` was given. */
const INTERCEPTORS = '__interceptors__';
/** Where Nest keeps what `@UseFilters` was given. */
const FILTERS = '__exceptionFilters__';
/** How many interceptors of the application stand outside ours. */
const OUTSIDE = 'floodgate:outside';

/** The guards that decorators put on a controller or on a handler: classes and instances, in the order in which Nest asks them. */
export function guardsOf(decorated: Function): unknown[] {
  return listOf(GUARDS, decorated);
}

/** The same for interceptors, the outermost first. Without the mark of any, nothing is looked up. */
export function interceptorsOf(decorated: Function, marks: Marks): unknown[] {
  return marks.includes(INTERCEPTORS) ? listOf(INTERCEPTORS, decorated) : [];
}

/** The exception filters. */
export function filtersOf(decorated: Function): unknown[] {
  return listOf(FILTERS, decorated);
}

/** What a decorator binds: its guard, and nothing for its interceptor but the place where it may be bound at boot. */
export function bindGuard(
  guard: Function,
  decorated: Function,
  marks: Marks,
): void {
  const others = marks.includes(GUARDS) ? guardsOf(decorated) : [];
  Reflect.defineMetadata(GUARDS, [...others, guard], decorated);
  const { length } = interceptorsOf(decorated, marks);
  if (length > 0) Reflect.defineMetadata(OUTSIDE, length, decorated);
}

/** Makes a guard the last of those that decorators put on a controller or a handler: guards of the application come first, whichever decorator was written first. */
export function bindLastGuard(guard: Function, decorated: Function): void {
  const guards = guardsOf(decorated);
  if (guards.length > 0 && guards.at(-1) === guard) return;
  const others = guards.filter((other) => other !== guard);
  Reflect.defineMetadata(GUARDS, [...others, guard], decorated);
}

/** The interceptors of a controller or a handler that stand outside the place that was kept. */
export function interceptorsOutside(
  decorated: Function,
  marks: Marks,
): unknown[] {
  return outsideIn(interceptorsOf(decorated, marks), decorated);
}

/** Binds an interceptor to the place that was kept, once. */
export function bindInterceptor(
  interceptor: Function,
  decorated: Function,
): void {
  const interceptors = listOf(INTERCEPTORS, decorated);
  if (interceptors.includes(interceptor)) return;
  const outside = outsideIn(interceptors, decorated);
  const inside = interceptors.slice(outside.length);
  const bound = [...outside, interceptor, ...inside];
  Reflect.defineMetadata(INTERCEPTORS, bound, decorated);
}

function outsideIn(interceptors: unknown[], decorated: Function): unknown[] {
  if (interceptors.length === 0) return interceptors;
  const outside = Reflect.getMetadata(OUTSIDE, decorated) as number | undefined;
  return interceptors.slice(0, outside ?? 0);
}

function listOf(key: string, decorated: Function): unknown[] {
  return (Reflect.getMetadata(key, decorated) as unknown[] | undefined) ?? [];
}
