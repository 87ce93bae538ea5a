import { ExecutionContext } from '@nestjs/common';
import { EVENT, HANDLER_TYPE } from './handler-marks.js';
import { passOncePerOperation } from './once-per-operation.js';
import { Admission, Gate } from './gate/gate.js';
import { orThrow } from './gate/or-throw.js';
import { toldOver } from './transport/told-over.js';

/**
 * Puts a request that came otherwise than over HTTP before the gate of its
 * route, as its transport has it: each message of a connection, but a GraphQL
 * operation only once.
 *
 * @throws the refusal, as the transport's own exception
 */
export function passGate(
  gate: Gate,
  context: ExecutionContext,
): Admission | Promise<Admission> {
  if (context.getType<string>() === 'graphql') {
    return orThrow(passOncePerOperation(gate, context));
  }
  // Nobody hears that an event was refused; as an RpcException, each would be a line in Nest's log.
  return isEvent(context)
    ? orThrow(gate.pass(context))
    : passMessage(gate, context);
}

function passMessage(
  gate: Gate,
  context: ExecutionContext,
): Admission | Promise<Admission> {
  try {
    const passing = orThrow(gate.pass(context));
    return passing instanceof Promise
      ? passing.catch((error: unknown) => {
          throw toldOver(context, error);
        })
      : passing;
  } catch (error) {
    throw toldOver(context, error);
  }
}

function isEvent(context: ExecutionContext): boolean {
  const handler = context.getHandler();
  return Reflect.getMetadata(HANDLER_TYPE, handler) === EVENT;
}
