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

/** How https hosts prove who they are, and we who we are to them; in the meaning of `node:tls`. */
export const tls = strictOptions(() => ({
  /** Authorities to trust. Default: Node's own. */
  ca: z.optional(certificates),
  /** The certificate shown to the backend, with its chain. Default: none. */
  cert: z.optional(certificates),
  /** The private key of `cert`. Default: none. */
  key: z.optional(certificates),
  /** What `key` is encrypted with. Default: nothing. */
  passphrase: z.optional(z.string({ error: 'a text' })),
  /** The name that the backend's certificate must bear, and SNI. Default: the host's. */
  servername: z.optional(
    z.string({ error: 'a host name' }).check(z.minLength(1)),
  ),
  /** Whether the backend's certificate must be valid; without it anybody can be the backend. Default true. */
  rejectUnauthorized: orDefault(flag, true),
}));
