import { readFileSync } from 'node:fs';

const read = (file: string) =>
  readFileSync(new URL(file, import.meta.url), 'utf8');

/** Who signed the two below. */
export const ca = read('ca.pem');

/** The certificate of `localhost`, `catalog.test` and 127.0.0.1. */
export const serverCertificate = {
  key: read('server.key'),
  cert: read('server.pem'),
};

/** What a caller shows to a server that wants to know who is calling. */
export const clientCertificate = {
  key: read('client.key'),
  cert: read('client.pem'),
};
