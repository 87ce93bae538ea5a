import type { Arrival } from '../upstreams/arrivals.js';
import { startUpstreams } from '../upstreams/start-upstreams.js';
import { callerAgent } from './call.js';
import type { Evidence } from './evidence.js';
import { GatewayProcess } from './gateway-process.js';
import type { Progress } from './progress.js';
import { runPhases } from './run-phases.js';

/** Starts everything, plays the phases, gathers what was seen, stops everything. */
export async function play(progress: Progress): Promise<Evidence> {
  const { catalog, prices } = await startUpstreams();
  const gateway = await GatewayProcess.start(
    { catalog: catalog.url, prices: prices.url },
    (text) => progress.note(text),
  );
  const played = await runPhases({
    gatewayUrl: gateway.url,
    pricesUrl: prices.url,
    progress,
  });

  const transitions = await gateway.transitions();
  const arrivals = {
    catalog: await arrivalsAt(catalog.url),
    prices: await arrivalsAt(prices.url),
  };

  callerAgent.destroy();
  // The gateway first: its connections to the backends are its own to close.
  const ended = [
    await gateway.stop(),
    await catalog.stop(),
    await prices.stop(),
  ];
  return {
    ...played,
    arrivals,
    transitions,
    endedByThemselves: ended.every(Boolean),
  };
}

async function arrivalsAt(upstreamUrl: string): Promise<Arrival[]> {
  const response = await fetch(`${upstreamUrl}/control/arrivals`, {
    headers: { connection: 'close' },
  });
  return (await response.json()) as Arrival[];
}
