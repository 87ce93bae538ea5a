/** A limit that no run reaches, refilling so slowly that no bucket becomes full again. */
const limit = { max: 1e9, everyMs: 60_000 };

/** What is decided. `clients` is how many take part, `endpoint` whether a bucket for all of them is asked as well. */
export const scenarios = {
  plan: {
    title: 'endpoint + client, 10,000 clients',
    clients: 10_000,
    limit,
    endpoint: true,
  },
  client: { title: 'one bucket, 10,000 clients', clients: 10_000, limit },
  hot: { title: 'one bucket, hot', clients: 1, limit },
};
