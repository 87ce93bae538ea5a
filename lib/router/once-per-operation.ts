import { ExecutionContext } from '@nestjs/common';
import { Admission, Gate, Passage } from './gate/gate.js';
import { Refusal } from './refusal.js';
import { operationOf } from './transport/graphql-transport.js';

/** Says again what a gate said: lets pass, gives its refusal back, or throws. What was charged stands on the first receipt alone. */
type Saying = () => Passage;

/** What the gates told each operation; drivers make a context for each one, so that stands for it. */
const said = new WeakMap<object, Map<Gate, Saying>>();

/** Puts an operation before a gate once, however many of its fields the handler resolves. */
export function passOncePerOperation(
  gate: Gate,
  context: ExecutionContext,
): Passage {
  const operation = operationOf(context);
  if (typeof operation !== 'object' || operation === null) {
    return gate.pass(context);
  }
  const sayings = said.get(operation) ?? new Map<Gate, Saying>();
  said.set(operation, sayings);
  const known = sayings.get(gate);
  if (known) return known();
  try {
    const passing = gate.pass(context);
    sayings.set(gate, () =>
      passing instanceof Promise ? passing.then(refusalIn) : refusalIn(passing),
    );
    return passing;
  } catch (error) {
    sayings.set(gate, () => {
      throw error;
    });
    throw error;
  }
}

function refusalIn(passed: Admission | Refusal): Refusal | undefined {
  return passed instanceof Refusal ? passed : undefined;
}
