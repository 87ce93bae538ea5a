import type { AddressInfo } from 'node:net';
import { serveParent } from '../processes/serve-parent.js';
import { catalog } from './catalog.js';
import { prices } from './prices.js';
import { createUpstream } from './upstream.js';

// The process of one upstream: `node main.js catalog` or `node main.js prices`.
const server = createUpstream(process.argv[2] === 'prices' ? prices : catalog);

server.listen(0, '127.0.0.1', () => {
  serveParent({
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => server.close(resolve)),
  });
});
