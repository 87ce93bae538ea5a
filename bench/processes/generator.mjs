import { createHistogram } from 'node:perf_hooks';
import { answerWith } from '../harness/answering.mjs';
import { Connection } from '../load/connection.mjs';

// Loads one server at a time with a fixed number of connections, one request in
// flight on each, and counts what comes back before the time is up.

/** A request of each client; the key is a header, whoever reads it. */
function requestsOf({ path, port, clients }) {
  return Array.from({ length: clients }, (_, client) =>
    Buffer.from(
      `GET ${path} HTTP/1.1\r\n` +
        `Host: 127.0.0.1:${port}\r\n` +
        `X-Api-Key: client-${String(client).padStart(8, '0')}\r\n` +
        `Connection: keep-alive\r\n\r\n`,
      'latin1',
    ),
  );
}

async function load({ port, path, clients, connections, ms, status }) {
  const requests = requestsOf({ path, port, clients });
  const latencies = createHistogram();
  const unexpected = new Map();
  const opened = await Promise.all(
    Array.from({ length: connections }, () => Connection.open(port)),
  );
  let sent = 0;
  let answers = 0;
  const startMs = performance.now();
  const endMs = startMs + ms;
  const next = () =>
    performance.now() < endMs ? requests[sent++ % clients] : undefined;
  const answered = (found, latencyMs) => {
    answers++;
    if (found !== status) {
      unexpected.set(found, (unexpected.get(found) ?? 0) + 1);
    }
    latencies.record(Math.max(1, Math.round(latencyMs * 1000)));
  };
  await Promise.all(opened.map((connection) => connection.run(next, answered)));
  requireExpected(unexpected, status);
  const elapsedMs = performance.now() - startMs;
  for (const connection of opened) connection.close();
  return {
    value: (answers * 1000) / elapsedMs,
    answers,
    p50Ms: latencies.percentile(50) / 1000,
    p99Ms: latencies.percentile(99) / 1000,
  };
}

/** The first request of an exhausted client still passes; nothing else may differ. */
function requireExpected(unexpected, status) {
  const first = status === 429 ? (unexpected.get(200) ?? 0) <= 1 : false;
  if (unexpected.size === 0 || (first && unexpected.size === 1)) return;
  const found = [...unexpected].map(([code, count]) => `${count} of ${code}`);
  throw new Error(`answers other than ${status}: ${found.join(', ')}`);
}

answerWith(load);
