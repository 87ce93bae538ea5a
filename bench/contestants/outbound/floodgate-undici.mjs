import { caller as entryCaller } from './floodgate-entry.mjs';

/** The same over undici; nothing where the library has no such transport. */
export async function caller(settings) {
  try {
    return await entryCaller(settings, { transport: 'undici' });
  } catch (error) {
    if (error.name === 'ThrottleConfigError') return undefined;
    throw error;
  }
}
