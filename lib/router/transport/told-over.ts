import { ExecutionContext } from '@nestjs/common';
import { ProblemException } from '../../problem/problem-exception.js';
import { transportOf } from './transports.js';

/** An error of ours as the transport's own, by which its callers learn of it; any other as it is. */
export function toldOver(context: ExecutionContext, error: unknown): unknown {
  return error instanceof ProblemException
    ? transportOf(context).exception(error)
    : error;
}
