import type { IncomingHttpHeaders } from 'node:http';
import { AxiosHeaders } from 'axios';

/** The header fields of an answer as axios has them: cookies are a list, be there one or many. */
export function answerHeaders(fields: IncomingHttpHeaders): AxiosHeaders {
  const headers = new AxiosHeaders(fields as Record<string, string>);
  const cookies = fields['set-cookie'];
  if (cookies) headers.set('set-cookie', [cookies].flat());
  return headers;
}
