import * as z from 'zod/mini';
import { flag } from './figures.js';
import { orDefault, strictOptions } from './strict-options.js';

const CERTIFICATES = 'PEM text, a Buffer, or a list of them';

const certificate = z.union(
  [z.string().check(z.minLength(1)), z.instanceof(Buffer)],
  {
    error: CERTIFICATES,
  },
);

const certificates = z.union(
  [certificate, z.array(certificate).check(z.minLength(1))],
  {
    error: CERTIFICATES,
  },
);

/** TLS options for https hosts, with the meaning they have in `node:tls`. */
export const tls = strictOptions(() => ({
  /** Certificate authorities to trust. Default: Node's own. */
  ca: z.optional(certificates),
  /** The client certificate, with its chain. Default: none. */
  cert: z.optional(certificates),
  /** The private key of `cert`. Default: none. */
  key: z.optional(certificates),
  /** The passphrase of `key`. Default: none. */
  passphrase: z.optional(z.string({ error: 'a string' })),
  /** The server name for SNI and for checking the backend's certificate. Default: the host name. */
  servername: z.optional(
    z.string({ error: 'a host name' }).check(z.minLength(1)),
  ),
  /** Whether the backend's certificate must be valid. When false, anyone on the network can pose as the backend. Default true. */
  rejectUnauthorized: orDefault(flag, true),
}));
