/**
 * Makes an error without a stack. A refusal is an answer, not a mistake in the
 * program: where it was made says nothing, and looking costs more than all else
 * a refusal does, just when there are many of them.
 */
export function withoutStack<E extends Error>(make: () => E): E {
  const { stackTraceLimit } = Error;
  // Not by assignment, which throws where intrinsics are frozen.
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return make();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}
