import { HANDLER_TYPE, MESSAGE } from '../handler-marks.js';
import { loadMicroservices, loadWebsockets } from './nest-packages.js';
import { watchConnections } from './upgrade-requests.js';

/** A limited handler and its class. */
interface Handler {
  readonly owner: Function;
  readonly handler: Function;
}

/** Makes ready what the transports of the limited handlers need; of a transport that has none, nothing is loaded. */
export async function prepareTransports(
  handlers: readonly Handler[],
): Promise<void> {
  const marked = (mark: string) =>
    handlers.filter(({ handler }) => Reflect.hasMetadata(mark, handler));
  const inGateways = marked(MESSAGE);
  if (inGateways.length > 0) {
    await loadWebsockets();
    for (const { owner } of inGateways) watchConnections(owner);
  }
  if (marked(HANDLER_TYPE).length > 0) {
    await loadMicroservices();
  }
}
