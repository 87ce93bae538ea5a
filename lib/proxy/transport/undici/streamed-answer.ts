import { finished, Readable } from 'node:stream';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { Dispatcher } from 'undici';
import { answerHeaders } from './answer-headers.js';
import { CallCancel } from './call-cancel.js';
import { decodedStream, isEncoded } from './content-encoding.js';
import { OutgoingRequest } from './outgoing-request.js';
import { responseUrl } from './response-url.js';
import { statusError } from './settle.js';
import { transportError } from './transport-error.js';

/** Resolves with the headers and leaves the body to its reader; cancelling the call fails the body. */
export async function streamedAnswer(
  dispatcher: Dispatcher,
  config: InternalAxiosRequestConfig,
  request: OutgoingRequest,
): Promise<AxiosResponse> {
  const abort = new AbortController();
  const cancel = new CallCancel(config, request, (error) => abort.abort(error));
  const { statusCode, statusText, headers, body, context } = await dispatcher
    .request({ ...request.options, signal: abort.signal })
    .catch((error: Error) => {
      cancel.done();
      throw transportError(error, config, request);
    });
  request.res.responseUrl = responseUrl(request, context);
  const answer: AxiosResponse = {
    status: statusCode,
    statusText,
    headers: answerHeaders(headers),
    config,
    request,
    data: body,
  };
  if (isEncoded(answer, config)) answer.data = decodedStream(body, answer);
  finished(answer.data as Readable, { writable: false }, () => cancel.done());
  const refused = statusError(answer);
  if (refused) throw refused;
  return answer;
}
