import type { Answer } from '../evidence.js';
import type { Judge } from './verdict.js';

export const refusalsSayWhen: Judge = ({ answers }) => {
  const refused = answers.filter(
    ({ status }) => status === 429 || status === 503,
  );
  const explained = refused.filter(isExplained);
  return {
    promise: 'Every 429 and 503 has Retry-After ≥ 1 and is problem+json',
    kept: refused.length > 0 && explained.length === refused.length,
    detail: `${explained.length} of ${refused.length}`,
  };
};

function isExplained({ retryAfter, contentType }: Answer): boolean {
  return (
    /^[1-9]\d*$/.test(retryAfter ?? '') &&
    contentType.startsWith('application/problem+json')
  );
}
