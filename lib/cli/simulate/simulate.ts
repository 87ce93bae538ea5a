import { parseDurationMs } from '../../core/time/duration.js';
import { requireWritable, writeText } from '../files.js';
import { jsonText } from '../json-output.js';
import { loadConfiguration } from '../load-configuration.js';
import { Terminal } from '../terminal.js';
import { LogTally, readLogs, sizeOf } from '../traffic/log-files.js';
import { makeTraffic } from '../traffic/made-traffic.js';
import { chart } from './chart.js';
import { printSimulation, simulatedJson } from './report.js';
import { Framework } from './route-matcher.js';
import { Simulation } from './simulation.js';

export interface SimulateOptions {
  readonly rps?: number;
  readonly clients: number;
  readonly for: string;
  readonly endpoint?: string[];
  readonly seed: number;
  readonly chart?: string;
  readonly suggest?: number;
  readonly framework: Framework;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * Replays traffic through the limits of a configuration and tells who would
 * have been refused.
 *
 * @throws CommandError when a file cannot be read or written, or no line of a log is understood
 * @throws ThrottleConfigError when the configuration has faults
 */
export async function simulate(
  configuration: string,
  logs: readonly string[],
  options: SimulateOptions,
  terminal: Terminal,
): Promise<void> {
  // Told before the run, which may be a long one.
  if (options.chart !== undefined) requireWritable(options.chart);
  const loaded = await loadConfiguration(configuration, terminal.stdin);
  const { suggest, framework, json, quiet = false } = options;
  const simulation = new Simulation(loaded.options, {
    suggests: suggest !== undefined,
    framework,
  });
  const tally =
    logs.length === 0
      ? made(simulation, Object.keys(loaded.options.routes ?? {}), options)
      : await replayed(simulation, logs, options, terminal);
  const result = simulatedJson(simulation, tally, suggest);
  if (json) terminal.print(jsonText(result));
  else printSimulation(result, suggest, quiet, terminal);
  if (options.chart !== undefined) {
    writeText(options.chart, chart(simulation.timeline));
  }
}

function made(
  simulation: Simulation,
  routes: readonly string[],
  { rps = 0, clients, for: length, endpoint, seed }: SimulateOptions,
): LogTally {
  const endpoints = endpoint ?? (routes.length > 0 ? routes : ['GET /']);
  const forMs = parseDurationMs(length);
  makeTraffic({ rps, clients, forMs, endpoints, seed }, (request) =>
    simulation.add(request),
  );
  return { noRequest: 0, unreadable: 0, late: 0 };
}

async function replayed(
  simulation: Simulation,
  logs: readonly string[],
  { rps }: SimulateOptions,
  terminal: Terminal,
): Promise<LogTally> {
  const progress = terminal.progress(sizeOf(logs));
  try {
    return await readLogs(logs, (request) => simulation.add(request), {
      rps,
      headers: simulation.headers,
      stdin: terminal.stdin,
      onBytes: (bytes) => progress.add(bytes),
    });
  } finally {
    progress.end();
  }
}
