/** Where Nest keeps what `@UseGuards` was given. */
const GUARDS = '__guards__';
/** Where Nest keeps what `@UseInterceptors` was given. */
const INTERCEPTORS = '__interceptors__';
/** Where Nest keeps what `@UseFilters` was given. */
const FILTERS = '__exceptionFilters__';

/** The guards that decorators put on a controller or on a handler: classes and instances, in the order in which Nest asks them. */
export function guardsOf(decorated: Function): unknown[] {
  return listOf(GUARDS, decorated);
}

/** The same for interceptors, the outermost first. */
export function interceptorsOf(decorated: Function): unknown[] {
  return listOf(INTERCEPTORS, decorated);
}

/** The exception filters. */
export function filtersOf(decorated: Function): unknown[] {
  return listOf(FILTERS, decorated);
}

function listOf(key: string, decorated: Function): unknown[] {
  return (Reflect.getMetadata(key, decorated) as unknown[] | undefined) ?? [];
}
