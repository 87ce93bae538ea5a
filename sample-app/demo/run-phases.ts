import { setTimeout as sleep } from 'node:timers/promises';
import { machineNowMs } from '../clock.js';
import type { Behaviour } from '../upstreams/behaviour.js';
import { makeCall } from './call.js';
import type { Answer, PhaseTimes } from './evidence.js';
import { type Phase, phases } from './phases.js';
import type { Progress } from './progress.js';
import { drive } from './traffic.js';

/** What a phase empties of endpoints and backends is full again after a second. */
const REST_MS = 1_100;

/** Where the demo plays. */
export interface Stage {
  gatewayUrl: string;
  pricesUrl: string;
  progress: Progress;
}

/** What the callers saw. */
export interface Played {
  phases: PhaseTimes[];
  answers: Answer[];
}

/** Plays all phases, one after another. */
export async function runPhases(stage: Stage): Promise<Played> {
  const played: Played = { phases: [], answers: [] };
  await warmUp(stage.gatewayUrl);
  for (const phase of phases) {
    if (phase.rested) await sleep(REST_MS);
    if (phase.prices) await tell(stage.pricesUrl, phase.prices);
    await runPhase(phase, stage, played);
  }
  return played;
}

/** The first call of a process loads and compiles; no phase should pay for that. */
async function warmUp(gatewayUrl: string): Promise<void> {
  const paths = ['/products/1', '/products/1/similar', '/search?q=lamp'];
  for (const path of paths) {
    await makeCall({ url: gatewayUrl + path, apiKey: 'the first customer' });
  }
}

async function runPhase(phase: Phase, stage: Stage, played: Played) {
  const { name, seconds, crowds } = phase;
  const startMs = machineNowMs();
  stage.progress.begin(phase);
  const driven = crowds.map((crowd) =>
    drive(stage.gatewayUrl, crowd, seconds, (answer) => {
      played.answers.push({ phase: name, ...answer });
      stage.progress.count(answer.status);
    }),
  );
  await Promise.all(driven);
  stage.progress.end();
  played.phases.push({ name, startMs, endMs: machineNowMs() });
}

async function tell(upstreamUrl: string, behaviour: Behaviour): Promise<void> {
  const { ok } = await fetch(`${upstreamUrl}/control`, {
    method: 'POST',
    body: JSON.stringify(behaviour),
  });
  if (!ok) throw new Error(`${upstreamUrl} did not take ${behaviour.mode}`);
}
