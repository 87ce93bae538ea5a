import { connect } from 'node:net';
import { once } from 'node:events';
import { ResponseReader } from './response-reader.mjs';

/** One keep-alive connection that sends its next request when it has the last one's answer. */
export class Connection {
  #socket;
  #reader = new ResponseReader();
  #sentAtMs = 0;

  static async open(port) {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new Connection(socket);
  }

  constructor(socket) {
    this.#socket = socket;
  }

  /**
   * Sends requests until `next` has none left.
   *
   * @param next the bytes of the next request, or undefined
   * @param answered called with the status and the latency of every answer
   */
  run(next, answered) {
    return new Promise((resolve, reject) => {
      const send = () => {
        const request = next();
        if (!request) {
          resolve();
          return;
        }
        this.#sentAtMs = performance.now();
        this.#socket.write(request);
      };
      this.#socket.on('data', (bytes) => {
        if (!this.#reader.read(bytes)) return;
        answered(this.#reader.status, performance.now() - this.#sentAtMs);
        send();
      });
      this.#socket.on('error', reject);
      this.#socket.on('close', () => reject(new Error('connection closed')));
      send();
    });
  }

  close() {
    this.#socket.removeAllListeners('close').destroy();
  }
}
