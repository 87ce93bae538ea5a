import { create } from 'axios';
import { keepAliveAgent } from './keep-alive-agent.mjs';

export function client(port) {
  return create({
    baseURL: `http://127.0.0.1:${port}`,
    httpAgent: keepAliveAgent(),
  });
}

export function caller({ port }) {
  const http = client(port);
  return (path) => http.get(path);
}
