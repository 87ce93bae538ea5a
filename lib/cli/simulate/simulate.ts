import { SingleBar } from 'cli-progress';
import { statSync, writeFileSync } from 'node:fs';
import { parseDurationMs } from '../../core/time/duration.js';
import { attempt, failed } from '../load/attempt.js';
import { loadConfiguration } from '../load/load-configuration.js';
import { Terminal } from '../terminal.js';
import { chart } from './chart.js';
import { BadLines, readLog } from './log-traffic.js';
import { makeTraffic } from './made-traffic.js';
import { printSimulation, printSuggestions } from './print-simulation.js';
import { Simulation } from './simulation.js';

export interface SimulateOptions {
  readonly rps?: number;
  readonly clients: number;
  readonly for: string;
  readonly endpoint?: string[];
  readonly seed: number;
  readonly chart?: string;
  readonly suggest?: number;
}

/**
 * Replays traffic through the limits of a configuration and tells who would
 * have been refused.
 *
 * @throws ThrottleConfigError when the configuration or the traffic cannot be read
 */
export async function simulate(
  configuration: string,
  traffic: string | undefined,
  options: SimulateOptions,
  terminal: Terminal,
): Promise<void> {
  const loaded = await loadConfiguration(configuration);
  const { suggest } = options;
  const simulation = new Simulation(loaded.options, suggest !== undefined);
  const bad =
    traffic === undefined
      ? made(simulation, Object.keys(loaded.options.routes ?? {}), options)
      : await replayed(simulation, traffic, terminal);
  printSimulation(simulation, bad, terminal);
  if (suggest !== undefined) printSuggestions(simulation, suggest, terminal);
  if (options.chart !== undefined) writeChart(options.chart, simulation);
}

function made(
  simulation: Simulation,
  routes: readonly string[],
  { rps = 0, clients, for: length, endpoint, seed }: SimulateOptions,
): BadLines {
  const endpoints = endpoint ?? (routes.length > 0 ? routes : ['GET /']);
  const forMs = parseDurationMs(length);
  makeTraffic({ rps, clients, forMs, endpoints, seed }, (request) =>
    simulation.add(request),
  );
  return { count: 0 };
}

async function replayed(
  simulation: Simulation,
  file: string,
  terminal: Terminal,
): Promise<BadLines> {
  const bar = terminal.isWatched
    ? new SingleBar({ clearOnComplete: true })
    : undefined;
  try {
    bar?.start(statSync(file).size, 0);
    return await readLog(
      file,
      (request) => simulation.add(request),
      (bytes) => bar?.update(bytes),
    );
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code) throw error;
    throw failed(file, 'an access log that can be read', error);
  } finally {
    bar?.stop();
  }
}

function writeChart(path: string, { timeline }: Simulation): void {
  attempt(path, 'a file that can be written', () =>
    writeFileSync(path, chart(timeline)),
  );
}
