import { ExecutionContext } from '@nestjs/common';

/** A request of `caller` over a transport without response headers. */
export class RpcRequest implements ExecutionContext {
  constructor(readonly caller: string) {}

  getType<Type extends string>(): Type {
    return 'rpc' as Type;
  }

  getArgs<Args extends unknown[]>(): Args {
    return [this.caller] as unknown[] as Args;
  }

  getArgByIndex<Arg>(): Arg {
    return this.caller as Arg;
  }

  getClass<Class>(): Class {
    return RpcRequest as Class;
  }

  getHandler(): Function {
    return RpcRequest;
  }

  switchToRpc(): never {
    throw new TypeError('not needed');
  }

  switchToHttp(): never {
    throw new TypeError('not needed');
  }

  switchToWs(): never {
    throw new TypeError('not needed');
  }
}
