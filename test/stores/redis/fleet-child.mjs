// One process of a fleet: asks for one bucket as fast as it can, when told to,
// and says how often it was let through. Its wall clock is off by `shiftMs`.
const [file, options, shiftMs] = process.argv.slice(2);
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length > 0 ? args : [RealDate.now() + Number(shiftMs)]));
  }
  static now() {
    return RealDate.now() + Number(shiftMs);
  }
};
const CALLERS = 8;

const { redisStore } = await import(file);
const host = { clock: () => performance.now(), maxClients: 1_000 };
const store = await redisStore(JSON.parse(options)).open(host);
await store.onModuleInit();

process.once('message', async ({ limit, ms }) => {
  const plan = store.plan([{ id: 'hammered', limit, keyed: false }]);
  const endMs = performance.now() + ms;
  let admitted = 0;
  const call = async () => {
    while (performance.now() < endMs) {
      const { admitted: passed } = await plan.decide([''], [1]);
      if (passed) admitted++;
      // What a lease decides here and now would let no timer run.
      await new Promise(setImmediate);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, call));
  process.send({ admitted });
  await store.onApplicationShutdown();
  process.disconnect();
});
process.send('ready');
