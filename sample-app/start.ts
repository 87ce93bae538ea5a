import { howToTry } from './how-to-try.js';
import { onStop } from './processes/on-stop.js';
import { createStorefront } from './storefront.js';
import { startUpstreams } from './upstreams/start-upstreams.js';

// `npm start`: the gateway in this process, its two backends in others.
const port = Number(process.env['PORT'] ?? 3000);
const stops: (() => Promise<unknown>)[] = [];
onStop(() => Promise.all(stops.map((stop) => stop())));

const { catalog, prices } = await startUpstreams();
const urls = { catalog: catalog.url, prices: prices.url };
const app = await createStorefront(urls);
stops.push(
  () => app.close(),
  () => catalog.stop(),
  () => prices.stop(),
);

try {
  await app.listen(port, '127.0.0.1');
} catch (error) {
  console.error(`\n${String(error)}\nAnother port: PORT=3100 npm start`);
  process.exit(1);
}
console.log(howToTry({ gateway: await app.getUrl(), ...urls }));
