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

/** Answers one request and stands still in the same moment; its connection stays open, as that to a machine that lost its network. */
const FREEZING_SERVER = `
const { workerData, parentPort } = require('node:worker_threads');
const server = require('node:net').createServer((socket) => {
  socket.once('data', () => {
    socket.write('HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}', () => {
      Atomics.wait(workerData, 0, 0);
    });
  });
});
server.listen(0, '127.0.0.1', () => {
  parentPort.postMessage(server.address().port);
});`;

/** More than any backlog of 1 holds. */
const FILLERS = 8;

/** A URL to which no connection is ever made: it listens, but its backlog is full. */
export async function blackholedUrl(): Promise<string> {
  const port = await threadForTest(DEAF_LISTENER);
  const fillers: Socket[] = [];
  for (let i = 0; i < FILLERS; i++) {
    fillers.push(connect(port, '127.0.0.1').on('error', () => {}));
  }
  onTestFinished(() => {
    for (const filler of fillers) filler.destroy();
  });
  // The kernel takes the first of them; the rest fill its queue within one turn.
  await once(fillers[0], 'connect');
  return `http://127.0.0.1:${port}`;
}

/** A URL that answers once; nothing comes from it after that, not even the end of the connection. */
export async function freezingUrl(): Promise<string> {
  return `http://127.0.0.1:${await threadForTest(FREEZING_SERVER)}`;
}

/** Runs a server in a thread that stops when the test ends; its port. */
async function threadForTest(code: string): Promise<number> {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(code, { eval: true, workerData: gate });
  onTestFinished(async () => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
    await thread.terminate();
  });
  const [port] = (await once(thread, 'message')) as [number];
  return port;
}
