/** Applies decorators to a method as TypeScript would, the last one first. */
export function decorate(Class, method, ...decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(Class.prototype, method);
  for (const decorator of decorators.toReversed()) {
    decorator(Class.prototype, method, descriptor);
  }
}
