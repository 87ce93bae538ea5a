import { IncomingMessage, request } from 'node:http';

/** Everything of an answer but its date. */
export interface Answer extends Pick<
  IncomingMessage,
  'statusCode' | 'statusMessage' | 'rawHeaders' | 'trailers'
> {
  readonly body: string;
}

/** What a server answers on a connection of its own. */
export function bytesOf(
  url: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const { statusCode, statusMessage, rawHeaders } = response;
      const date = rawHeaders.indexOf('Date');
      rawHeaders.splice(date + 1, 1);
      let body = '';
      response.on('data', (chunk) => (body += String(chunk)));
      response.on('end', () => {
        const { trailers } = response;
        resolve({ statusCode, statusMessage, rawHeaders, trailers, body });
      });
    });
    sent.end();
  });
}
