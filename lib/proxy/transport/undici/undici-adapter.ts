import type { AxiosAdapter } from 'axios';
import type { Dispatcher } from 'undici';
import { BufferedAnswer } from './buffered-answer.js';
import { OutgoingRequest } from './outgoing-request.js';
import { streamedAnswer } from './streamed-answer.js';

/** An axios adapter that sends over undici; answers and errors are those of axios' own. */
export function undiciAdapter(dispatcher: Dispatcher): AxiosAdapter {
  return async (config) => {
    const request = new OutgoingRequest(config);
    if (config.responseType === 'stream') {
      return streamedAnswer(dispatcher, config, request);
    }
    return new Promise((resolve, reject) => {
      dispatcher.dispatch(
        request.options,
        new BufferedAnswer(config, request, resolve, reject),
      );
    });
  };
}
