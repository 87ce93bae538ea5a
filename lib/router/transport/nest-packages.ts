type Websockets = Pick<
  typeof import('@nestjs/websockets'),
  'WebSocketServer' | 'WsException'
>;
type Microservices = Pick<
  typeof import('@nestjs/microservices'),
  'RpcException'
>;

/** Parts of Nest that only some applications have installed; each is there once it was loaded. */
export const nestPackages = {} as {
  websockets: Websockets;
  microservices: Microservices;
};

/** Loads what message handlers of gateways throw. */
export async function loadWebsockets(): Promise<Websockets> {
  return (nestPackages.websockets ??= await import('@nestjs/websockets'));
}

/** Loads what handlers of microservices throw. */
export async function loadMicroservices(): Promise<void> {
  nestPackages.microservices ??= await import('@nestjs/microservices');
}
