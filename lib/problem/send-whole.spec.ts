import { createServer, ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { sendWhole } from './send-whole.js';

/** A connection that keeps what is written to it, piece by piece. */
class Connection extends Duplex {
  readonly pieces: string[] = [];

  constructor() {
    super({ decodeStrings: false });
  }

  override _read() {}

  override _write(chunk: string | Buffer, _: unknown, done: () => void) {
    this.pieces.push(String(chunk));
    done();
  }

  override _writev(chunks: { chunk: unknown }[], done: () => void) {
    this.pieces.push(...chunks.map(({ chunk }) => String(chunk)));
    done();
  }
}

/** What a server writes that answers these requests, which come at once. */
function answersTo(
  requests: string,
  answer: (response: ServerResponse) => void,
) {
  return new Promise<string[]>((resolve) => {
    let answered = 0;
    const connection = new Connection();
    const expected = requests.split('\r\n\r\n').length - 1;
    const server = createServer((_, response) => {
      response.on('finish', () => {
        if (++answered === expected) resolve(connection.pieces);
      });
      answer(response);
    });
    server.emit('connection', connection);
    connection.push(requests);
  });
}

const get = 'GET / HTTP/1.1\r\nHost: here\r\n\r\n';

describe('a whole answer', () => {
  it('leaves in one piece, with its length', async () => {
    const pieces = await answersTo(get, (response) =>
      sendWhole(response, 429, { 'retry-after': '1' }, 'zu viel für uns'),
    );
    expect(pieces).toHaveLength(1);
    expect(pieces[0]).toMatch(/^HTTP\/1.1 429 Too Many Requests\r\n/);
    expect(pieces[0]).toContain('\r\nretry-after: 1\r\n');
    expect(pieces[0]).toContain('\r\ncontent-length: 16\r\n');
    expect(pieces[0]).toMatch(/\r\n\r\nzu viel für uns$/);
  });

  it('keeps the headers that stand on the response', async () => {
    const [piece] = await answersTo(get, (response) => {
      response.setHeader('Vary', 'Origin');
      sendWhole(response, 503, {}, 'no');
    });
    expect(piece).toContain('\r\nVary: Origin\r\n');
  });

  it('follows the answers before it on its connection', async () => {
    const pieces = await answersTo(get.repeat(3), (response) =>
      sendWhole(response, 429, {}, 'no'),
    );
    expect(pieces.join('').match(/\r\n\r\nno/g)).toHaveLength(3);
  });

  it('has no body where it answers HEAD', async () => {
    const head = get.replace('GET', 'HEAD');
    const pieces = await answersTo(head, (response) =>
      sendWhole(response, 429, {}, 'no'),
    );
    expect(pieces.join('')).toMatch(/content-length: 2\r\n[^]*\r\n\r\n$/);
  });
});
