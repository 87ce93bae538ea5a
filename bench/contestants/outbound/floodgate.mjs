import { BackendClient } from '../../floodgate/index.mjs';
import { createApplication } from './floodgate-application.mjs';

export async function caller(settings) {
  const app = await createApplication(settings);
  const backends = app.get(BackendClient);
  return (path) => backends.get('catalog', path);
}
