import { ThrottleConfigError, isNotInstalled } from '../../config/fault.js';
import { BackendConfig } from '../../config/schema/backend.schema.js';
import { httpTransport } from './http/http-transport.js';
import { OpenTransport } from './transport.js';

/**
 * The transport that a backend is configured for. Undici is loaded only where
 * it is asked for.
 *
 * @throws ThrottleConfigError when undici is asked for and not installed
 */
export async function transportOf(
  backend: string,
  { transport }: BackendConfig,
): Promise<OpenTransport> {
  if (transport === 'http') return httpTransport;
  try {
    // By name and where it may fail, so that bundlers see it, and leave it out where it is not installed.
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
