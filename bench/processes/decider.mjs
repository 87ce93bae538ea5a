import { answerWith, settings } from '../harness/answering.mjs';
import { ClientKeys } from '../contestants/decisions/client-keys.mjs';
import { scenarios } from '../contestants/decisions/scenarios.mjs';

// Decides as one contestant in one scenario, in a process of its own: the
// compiler then sees this contestant's shapes alone, as it does in production.

const BATCH = 256;

const { contestant, scenario } = settings();
const { decider, asynchronous } = await import(
  `../contestants/decisions/${contestant}.mjs`
);
const { clients, admits } = scenarios[scenario];
const decide = decider(scenarios[scenario]);
const crowd = new ClientKeys(clients);
const keys = Array.from({ length: BATCH }, () => '');

function decideAll() {
  let admitted = 0;
  for (let i = 0; i < BATCH; i++) if (decide(keys[i])) admitted++;
  return admitted;
}

async function decideAllAsync() {
  let admitted = 0;
  for (let i = 0; i < BATCH; i++) if (await decide(keys[i])) admitted++;
  return admitted;
}

/** Only the decisions are timed, not the making of their keys. */
async function round({ ms }) {
  const end = performance.now() + ms;
  let elapsedMs = 0;
  let decisions = 0;
  let admitted = 0;
  while (performance.now() < end) {
    crowd.refill(keys);
    const start = performance.now();
    admitted += asynchronous ? await decideAllAsync() : decideAll();
    elapsedMs += performance.now() - start;
    decisions += BATCH;
  }
  if (admitted !== (admits ? decisions : 0)) {
    throw new Error(`${admitted} of ${decisions} decisions admitted`);
  }
  return { value: (elapsedMs * 1e6) / decisions };
}

for (let index = 0; index < clients; index++) await decide(crowd.key(index));
answerWith(round);
