import type { RequestOptions } from 'node:http';
import { format } from 'node:url';

/** The URL that a request asks for, written as follow-redirects writes it. */
export function requestedUrl(options: RequestOptions): string {
  const { protocol, auth, hostname, port, path } = options;
  const [pathname, search] = partsOf(path!);
  return format({ protocol, auth, hostname, port, pathname, search });
}

function partsOf(path: string): [pathname: string, search?: string] {
  const end = path.indexOf('?');
  return end === -1 ? [path] : [path.slice(0, end), path.slice(end)];
}
