import type { AddressInfo } from 'node:net';
import { BackendClient } from 'nestjs-floodgate';
import { serveParent } from '../processes/serve-parent.js';
import { createStorefront } from '../storefront.js';
import { GatewayLogger } from './gateway-logger.js';
import { type GatewayMessage, TELL_TRANSITIONS } from './gateway-messages.js';
import { collectTransitions, stampCalls } from './gateway-observer.js';

// The gateway in a process of its own: load and server do not share an event
// loop. It is the storefront of `npm start`, only watched.
const [catalog, prices] = process.argv.slice(2);
const tell = (message: GatewayMessage) => process.send?.(message);
const transitions = collectTransitions();

const app = await createStorefront(
  { catalog, prices },
  { logger: new GatewayLogger((text) => tell({ kind: 'warning', text })) },
);
stampCalls(app.get(BackendClient));
await app.listen(0, '127.0.0.1');

process.on('message', (message) => {
  if (message === TELL_TRANSITIONS) tell({ kind: 'transitions', transitions });
});

serveParent({
  port: (app.getHttpServer().address() as AddressInfo).port,
  stop: () => app.close(),
});
