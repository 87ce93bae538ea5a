import { ExecutionContext } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { Admission, Gate } from './gate/gate.js';
import { orThrow } from './gate/or-throw.js';
import { Settlements } from './settle/settlements.js';

type GoOn = (refusal?: unknown) => void;
type Hook = (request: unknown, response: unknown, goOn: GoOn) => void;

interface FastifyInstance {
  addHook(name: 'onRequest', hook: Hook): void;
}

/**
 * Decides the plan of the whole application before anything else sees a
 * request: for unknown routes too, and before its body is read. A refusal goes
 * the way of any error, to the exception filters of the application.
 */
export class ServiceLimit {
  constructor(
    public gate: Gate,
    private readonly settlements: Settlements,
    { httpAdapter }: HttpAdapterHost,
  ) {
    const hook: Hook = (...args) => this.decide(...args);
    if (httpAdapter?.getType() === 'fastify') {
      httpAdapter.getInstance<FastifyInstance>().addHook('onRequest', hook);
    } else {
      httpAdapter?.use(hook);
    }
  }

  private decide(request: unknown, response: unknown, goOn: GoOn): void {
    const context = new ServiceContext(request, response, goOn);
    let passing: Admission | Promise<Admission>;
    try {
      passing = orThrow(this.gate.pass(context));
    } catch (refusal) {
      goOn(refusal);
      return;
    }
    if (passing instanceof Promise) {
      passing.then((receipt) => this.letOn(receipt, context, goOn), goOn);
    } else {
      this.letOn(passing, context, goOn);
    }
  }

  private letOn(
    receipt: Admission,
    context: ExecutionContext,
    goOn: GoOn,
  ): void {
    if (receipt) this.settlements.add(receipt, context);
    goOn();
  }
}

/** A request before any handler was chosen for it. */
class ServiceContext implements ExecutionContext {
  private readonly args: unknown[];

  constructor(...args: unknown[]) {
    this.args = args;
  }

  getType<Type extends string>(): Type {
    return 'http' as Type;
  }

  getArgs<Args extends unknown[]>(): Args {
    return this.args as Args;
  }

  getArgByIndex<Arg>(index: number): Arg {
    return this.args[index] as Arg;
  }

  getClass<Class>(): Class {
    return ServiceLimit as Class;
  }

  getHandler(): Function {
    return ServiceLimit;
  }

  switchToHttp() {
    return {
      getRequest: <T>() => this.args[0] as T,
      getResponse: <T>() => this.args[1] as T,
      getNext: <T>() => this.args[2] as T,
    };
  }

  switchToRpc(): never {
    throw new TypeError('a request over HTTP has no RPC context');
  }

  switchToWs(): never {
    throw new TypeError('a request over HTTP has no WebSocket context');
  }
}
