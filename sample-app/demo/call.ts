import { Agent, type IncomingMessage, request } from 'node:http';
import { machineNowMs } from '../clock.js';
import type { Answer } from './evidence.js';

const NO_ANSWER = 0;
const LONGEST_WAIT_MS = 5_000;

/** Callers keep their connections, as browsers do. */
export const callerAgent = new Agent({ keepAlive: true });

/** What one call of one customer asks for. */
export interface Call {
  url: string;
  apiKey: string;
}

/** Makes one call; every end of it is an answer, none is an error. */
export async function makeCall({
  url,
  apiKey,
}: Call): Promise<Omit<Answer, 'phase' | 'group'>> {
  const sentMs = machineNowMs();
  try {
    const response = await send(url, apiKey);
    const body = await bodyOf(response);
    return {
      sentMs,
      answeredMs: machineNowMs(),
      status: response.statusCode ?? NO_ANSWER,
      contentType: response.headers['content-type'] ?? '',
      retryAfter: response.headers['retry-after'],
      withoutPrice: body.includes('"price":null'),
    };
  } catch {
    return {
      sentMs,
      answeredMs: machineNowMs(),
      status: NO_ANSWER,
      contentType: '',
      retryAfter: undefined,
      withoutPrice: false,
    };
  }
}

function send(url: string, apiKey: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, {
      agent: callerAgent,
      headers: { 'x-api-key': apiKey },
      signal: AbortSignal.timeout(LONGEST_WAIT_MS),
    })
      .on('response', resolve)
      .on('error', reject)
      .end();
  });
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  return body;
}
