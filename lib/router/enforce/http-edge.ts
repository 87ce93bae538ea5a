import type { ExecutionContext } from '@nestjs/common';
import { HttpResponse } from '../../problem/response-header.js';
import { reply } from '../reject/reply.js';
import { Rejection } from '../reject/rejection.js';
import { Admission, Gate } from '../routes/gates.js';
import { Enforcer } from './enforcer.js';

/** What a framework's hook is told: nothing to go on with the request, an error otherwise. */
export type Done = (error?: unknown) => void;

/**
 * Decides a request over HTTP before Nest sees it.
 *
 * @param onRejected answers the request; by default at once, with the framework's own reply
 */
export function decideAtEdge(
  enforcer: Enforcer,
  gate: Gate,
  context: HttpContext,
  done: Done,
  onRejected: (rejection: Rejection) => void = (rejection) =>
    reply(rejection, context, enforcer.refusalBody),
): void {
  const conclude = (decided: Admission | Rejection): boolean => {
    if (decided instanceof Rejection) {
      onRejected(decided);
      return false;
    }
    if (decided) enforcer.settlements.add(decided, context);
    return true;
  };
  let admitted: boolean;
  try {
    const decision = gate.pass(context);
    if (decision instanceof Promise) {
      void decision.then(conclude).then((late) => late && done(), done);
      return;
    }
    admitted = decision === undefined || conclude(decision);
  } catch (error) {
    done(error);
    return;
  }
  // Outside of the above: what the rest of the application throws is no error of ours.
  if (admitted) done();
}

/** A request over HTTP that Nest has not seen yet, for the functions of limits. */
export class HttpContext implements ExecutionContext {
  /**
   * @param owner the controller whose route it is
   * @param handler its method
   */
  constructor(
    readonly request: unknown,
    readonly response: HttpResponse,
    private readonly owner: Function,
    private readonly handler: Function,
    private readonly next?: unknown,
  ) {}

  getType<Type extends string>(): Type {
    return 'http' as Type;
  }

  getArgs<Args extends unknown[]>(): Args {
    return [this.request, this.response, this.next] as Args;
  }

  getArgByIndex<Arg>(index: number): Arg {
    if (index === 0) return this.request as Arg;
    return (index === 1 ? this.response : this.next) as Arg;
  }

  getClass<Class>(): Class {
    return this.owner as Class;
  }

  getHandler(): Function {
    return this.handler;
  }

  switchToHttp() {
    return {
      getRequest: <T>() => this.request as T,
      getResponse: <T>() => this.response as T,
      getNext: <T>() => this.next as T,
    };
  }

  switchToRpc(): never {
    throw new TypeError('a request over HTTP has no RPC context');
  }

  switchToWs(): never {
    throw new TypeError('a request over HTTP has no WebSocket context');
  }
}
