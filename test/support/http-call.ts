import { request } from 'node:http';
import type {
  Agent,
  IncomingHttpHeaders,
  OutgoingHttpHeaders,
} from 'node:http';
import { parseList } from 'structured-headers';

/** What a caller got. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  /** Connections to reuse; without one each call has a connection of its own. */
  readonly agent?: Agent;
}

/** Sends one request over a real socket. */
export function httpCall(
  url: string,
  { method = 'GET', headers, body, agent }: CallOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: agent ?? false });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
        }),
      );
    });
    sent.end(body);
  });
}

/** Sends the same request several times, one after the other; their statuses. */
export async function statusesOf(
  count: number,
  call: () => Promise<Answer>,
): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) statuses.push((await call()).status);
  return statuses;
}

/** The document in an answer, whatever its media type. */
export function documentOf(answer: Answer): Record<string, unknown> {
  return JSON.parse(answer.text) as Record<string, unknown>;
}

/** The media type of an answer, without parameters. */
export function mediaTypeOf({ headers }: Answer): string | undefined {
  return headers['content-type']?.split(';')[0];
}

/** The items of a RateLimit field by name, read by a parser that is not ours. */
export function itemsOf(
  answer: Answer,
  field: 'ratelimit' | 'ratelimit-policy',
): Record<string, Record<string, unknown>> {
  const items = parseList(String(answer.headers[field]));
  return Object.fromEntries(
    items.map(([name, parameters]) => [
      String(name),
      Object.fromEntries(parameters),
    ]),
  );
}
