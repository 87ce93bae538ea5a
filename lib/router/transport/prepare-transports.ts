import { DeclaredRoute } from '../declare/declared-route.js';
import { HANDLER_TYPE, MESSAGE } from '../declare/nest-metadata.js';
import { loadMicroservices, loadWebsockets } from './nest-packages.js';
import { followConnections } from './upgrade-requests.js';

/** Prepares the transports of the limited handlers; loads nothing for a transport without any. */
export async function prepareTransports(
  routes: readonly Pick<DeclaredRoute, 'owner' | 'marks'>[],
): Promise<void> {
  const marked = (mark: string) =>
    routes.filter(({ marks }) => marks.includes(mark));
  const inGateways = marked(MESSAGE);
  if (inGateways.length > 0) {
    const { WebSocketServer } = await loadWebsockets();
    for (const { owner } of inGateways) {
      followConnections(owner, WebSocketServer);
    }
  }
  if (marked(HANDLER_TYPE).length > 0) {
    await loadMicroservices();
  }
}
