import { ThrottleConfigError, isNotInstalled } from '../../config/fault.js';
import { BackendConfig } from '../../config/schema/backend.schema.js';
import { httpTransport } from './http/http-transport.js';
import { OpenTransport } from './transport.js';

/**
 * The configured transport of a backend. Undici is loaded only if configured.
 *
 * @throws ThrottleConfigError when undici is configured but not installed
 */
export async function transportOf(
  backend: string,
  { transport }: BackendConfig,
): Promise<OpenTransport> {
  if (transport === 'http') return httpTransport;
  try {
    // A literal import inside try, so that bundlers find it and can omit a missing package.
    const undici = await import('undici');
    const { undiciTransport } = await import('./undici/undici-transport.js');
    return undiciTransport(undici);
  } catch (error) {
    if (!isNotInstalled(error, 'undici')) throw error;
    throw new ThrottleConfigError([
      {
        path: `backends.${backend}.transport`,
        found: '"undici"',
        allowed:
          '"undici" where the package undici 7 is installed (npm install undici@7), or "http"',
      },
    ]);
  }
}
