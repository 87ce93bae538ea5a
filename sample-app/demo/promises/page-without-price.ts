import { periodsOf } from '../breaker-periods.js';
import { allAre, statuses } from './statuses.js';
import type { Judge } from './verdict.js';

export const pagesGoOnWithoutPrice: Judge = ({ answers, transitions }) => {
  const open = periodsOf('prices', transitions).filter(
    ({ state }) => state === 'open',
  );
  const meanwhile = answers.filter(({ sentMs, answeredMs }) =>
    open.some(({ fromMs, toMs }) => sentMs > fromMs && answeredMs < toMs),
  );
  const pages = meanwhile.filter(({ group }) => group === 'pages');
  const prices = meanwhile.filter(({ group }) => group === 'prices');
  return {
    promise: 'Meanwhile pages come without a price, prices alone are 503',
    kept:
      allAre(pages, 200) &&
      pages.every(({ withoutPrice }) => withoutPrice) &&
      allAre(prices, 503),
    detail: `pages ${statuses(pages)}; prices ${statuses(prices)}`,
  };
};
