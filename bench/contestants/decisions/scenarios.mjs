/** A limit that no run reaches, refilling so slowly that no bucket becomes full again. */
const GENEROUS = { max: 1e9, everyMs: 60_000 };
/** One admission a day: after the first, everything is refused. */
const EXHAUSTED = { max: 1, everyMs: 86_400_000 };

/**
 * What is decided. `clients` is how many take part, `endpoint` whether a bucket
 * for all of them is asked as well, `admits` what every decision must answer.
 */
export const scenarios = {
  hot: { title: 'one bucket, hot', clients: 1, limit: GENEROUS, admits: true },
  '10k': {
    title: '10,000 clients',
    clients: 10_000,
    limit: GENEROUS,
    admits: true,
  },
  '1m': {
    title: '1,000,000 clients',
    clients: 1_000_000,
    limit: GENEROUS,
    admits: true,
  },
  plan: {
    title: 'endpoint + client, 10,000 clients',
    clients: 10_000,
    limit: GENEROUS,
    endpoint: true,
    admits: true,
  },
  refused: {
    title: 'refusals, 10,000 clients',
    clients: 10_000,
    limit: EXHAUSTED,
    admits: false,
  },
};
