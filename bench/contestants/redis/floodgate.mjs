import { bucketLimit } from '../../floodgate/core.mjs';
import { redisStore } from '../../floodgate/redis.mjs';

/** A decision that Redis did not make must fail the run, not be made elsewhere. */
const NEVER_WITHOUT_REDIS = {
  decisionBudget: '10s',
  onStoreFailure: 'closed',
};

export async function decider(settings) {
  const { limit, endpoint } = settings;
  const rate = { capacity: limit.max, maxRate: 1, everyMs: limit.everyMs };
  const each = bucketLimit(rate);
  const store = await openStore(settings);
  const plan = store.plan([
    ...(endpoint ? [{ id: 'endpoint', limit: each, keyed: false }] : []),
    { id: 'client', limit: each, keyed: true },
  ]);
  const keys = endpoint ? ['', ''] : [''];
  const costs = keys.map(() => 1);
  const last = keys.length - 1;
  const isAdmitted = ({ admitted }) => admitted;
  return (key) => {
    keys[last] = key;
    const verdict = plan.decide(keys, costs);
    return 'then' in verdict ? verdict.then(isAdmitted) : verdict.admitted;
  };
}

async function openStore({ port, library, lease }) {
  const source = redisStore({
    url: `redis://127.0.0.1:${port}`,
    library,
    ...(lease && { lease: {} }),
    ...NEVER_WITHOUT_REDIS,
  });
  const clock = () => performance.now();
  const store = await source.open({ clock, maxClients: 100_000 });
  await store.onModuleInit();
  return store;
}
