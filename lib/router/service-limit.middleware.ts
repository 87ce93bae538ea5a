import { ExecutionContext, Injectable, NestMiddleware } from '@nestjs/common';
import { RouteGate } from './route-gate.js';

/** Decides the plan of the whole application, for every request and before any guard. */
@Injectable()
export class ServiceLimitMiddleware implements NestMiddleware {
  constructor(private readonly gate: RouteGate) {}

  use(
    request: unknown,
    response: unknown,
    next: () => void,
  ): void | Promise<void> {
    const passing = this.gate.pass(new ServiceContext(request, response, next));
    if (passing === undefined) next();
    else return passing.then(next);
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
    return ServiceLimitMiddleware as Class;
  }

  getHandler(): Function {
    return ServiceLimitMiddleware.prototype.use;
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
