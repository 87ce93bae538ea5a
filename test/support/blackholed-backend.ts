import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

/** Listens in a thread that never runs again, so that nobody accepts what connects. */
const DEAF_LISTENER = `
const { workerData, parentPort } = require('node:worker_threads');
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  setImmediate(() => Atomics.wait(workerData, 0, 0));
});`;

/** More than any backlog of 1 holds. */
const FILLERS = 8;

/** A URL to which no connection is ever made: it listens, but its backlog is full. */
export async function blackholedUrl(): Promise<string> {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const listener = new Worker(DEAF_LISTENER, { eval: true, workerData: gate });
  const [port] = (await once(listener, 'message')) as [number];
  const fillers: Socket[] = [];
  for (let i = 0; i < FILLERS; i++) {
    fillers.push(connect(port, '127.0.0.1').on('error', () => {}));
  }
  onTestFinished(async () => {
    for (const filler of fillers) filler.destroy();
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
    await listener.terminate();
  });
  // The kernel takes the first of them; the rest fill its queue within one turn.
  await once(fillers[0], 'connect');
  return `http://127.0.0.1:${port}`;
}
