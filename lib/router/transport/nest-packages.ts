type Websockets = Pick<
  typeof import('@nestjs/websockets'),
  'WebSocketServer' | 'WsException'
>;
type Microservices = Pick<
  typeof import('@nestjs/microservices'),
  'RpcException'
>;

/** Optional packages of Nest; each is present once it is loaded. */
export const nestPackages = {} as {
  websockets: Websockets;
  microservices: Microservices;
};

/** Loads the exceptions of gateways. */
export async function loadWebsockets(): Promise<Websockets> {
  return (nestPackages.websockets ??= await import('@nestjs/websockets'));
}

/** Loads the exceptions of microservices. */
export async function loadMicroservices(): Promise<void> {
  nestPackages.microservices ??= await import('@nestjs/microservices');
}
