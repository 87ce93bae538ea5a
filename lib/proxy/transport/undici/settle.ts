import { AxiosError } from 'axios';
import type { AxiosResponse } from 'axios';

/** Tells whether `validateStatus` takes an answer; gives the error that axios would reject with. */
export function statusError(answer: AxiosResponse): AxiosError | undefined {
  const { status, config, request } = answer;
  if (!status || !config.validateStatus || config.validateStatus(status))
    return undefined;
  return new AxiosError(
    `Request failed with status code ${status}`,
    status >= 400 && status < 500
      ? AxiosError.ERR_BAD_REQUEST
      : AxiosError.ERR_BAD_RESPONSE,
    config,
    request,
    answer,
  );
}
