import { AxiosError } from 'axios';
import type { AxiosRequestConfig } from 'axios';
import { deadlineAfter, Deadline, earlier } from '../../core/time/deadline.js';

/** When a call was made, and what bounds it whatever its timeout says. */
export interface CallBounds {
  readonly madeAtMs: number;
  readonly latest: Deadline;
}

/**
 * The deadline of a call by its `timeout`, which is read as axios reads it: by
 * `parseInt`, and none where it is false or 0.
 *
 * @param defaultMs the deadline of calls that name none
 * @throws AxiosError with ERR_BAD_OPTION_VALUE where it is no time
 */
export function callDeadline(
  request: AxiosRequestConfig,
  defaultMs: number,
  { madeAtMs, latest }: CallBounds,
): Deadline {
  const timeoutMs = timeoutOf(request) || defaultMs;
  return earlier(deadlineAfter(timeoutMs, madeAtMs), latest);
}

function timeoutOf(request: AxiosRequestConfig): number {
  const timeout: unknown = request.timeout;
  if (!timeout) return 0;
  if (
    typeof timeout === 'number' &&
    Number.isSafeInteger(timeout) &&
    timeout > 0
  )
    return timeout;
  const parsed = parseInt(textOf(timeout), 10);
  if (parsed >= 0) return parsed;
  throw new AxiosError(
    'error trying to parse `config.timeout` to int',
    AxiosError.ERR_BAD_OPTION_VALUE,
    request as AxiosError['config'],
  );
}

/** Some values, such as objects without a prototype, have no text. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return '';
  }
}
