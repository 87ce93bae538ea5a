import { z } from 'zod';
import { flag } from './figures.js';
import { strictOptions } from './strict-options.js';

const CERTIFICATES = 'PEM text, a Buffer, or a list of them';

const certificate = z.union([z.string().min(1), z.instanceof(Buffer)], {
  error: CERTIFICATES,
});

const certificates = z.union([certificate, z.array(certificate).min(1)], {
  error: CERTIFICATES,
});

/** How https hosts prove who they are, and we who we are to them; in the meaning of `node:tls`. */
export const tls = strictOptions({
  /** Authorities to trust. Default: Node's own. */
  ca: certificates.optional(),
  /** The certificate shown to the backend, with its chain. Default: none. */
  cert: certificates.optional(),
  /** The private key of `cert`. Default: none. */
  key: certificates.optional(),
  /** What `key` is encrypted with. Default: nothing. */
  passphrase: z.string({ error: 'a text' }).optional(),
  /** The name that the backend's certificate must bear, and SNI. Default: the host's. */
  servername: z.string({ error: 'a host name' }).min(1).optional(),
  /** Whether the backend's certificate must be valid; without it anybody can be the backend. Default true. */
  rejectUnauthorized: flag.default(true),
});
