import { figure, bucketText, msText } from '../config/format/limits.js';
import { BackendPolicy, CallLimitPolicy } from './backend-policy.js';

/** A backend as text, one line per protection. */
export function backendLines(backend: BackendPolicy): string[] {
  const { name, hosts, limit, entries, maxConcurrent } = backend;
  const { circuitBreaker, retries, hedges, hasFallback } = backend;
  const lines = [
    ...(limit
      ? [
          `limit ${limitText(limit)}${limit.shared ? ', shared by all instances' : ''}`,
        ]
      : []),
    ...entries.map((entry) => `entry ${limitText(entry)}  [${entry.from}]`),
    ...(maxConcurrent === undefined
      ? []
      : [`calls underway: at most ${maxConcurrent}`]),
    ...(circuitBreaker ? [`breaker ${breakerText(circuitBreaker)}`] : []),
    `timeout ${timeoutText(backend)}`,
    ...(retries ? [`retries: at most ${retries}`] : []),
    ...(hedges ? [`hedges: at most ${hedges}`] : []),
    ...(hasFallback ? ['fallback where there is no answer'] : []),
  ];
  return [
    `backend ${name}  ${hosts.join(', ')}`,
    ...lines.map((line) => `  ${line}`),
  ];
}

function limitText({
  maxRate,
  everyMs,
  capacity,
  waits,
}: CallLimitPolicy): string {
  const rate = bucketText(maxRate, everyMs, capacity);
  return waits
    ? `${rate}, above it ${waits.maxQueue} wait up to ${msText(waits.maxWaitMs)}`
    : rate;
}

function breakerText(
  breaker: NonNullable<BackendPolicy['circuitBreaker']>,
): string {
  const { maxErrors, intervalMs, failureRate, slowCallRate, openMs } = breaker;
  const within = intervalMs > 0 ? ` within ${msText(intervalMs)}` : '';
  const rules = [
    ...(maxErrors === undefined
      ? []
      : [`${maxErrors} errors in a row${within}`]),
    ...(failureRate === undefined ? [] : [`${percent(failureRate)} failures`]),
    ...(slowCallRate === undefined
      ? []
      : [`${percent(slowCallRate)} slow calls`]),
  ];
  return `opens for ${msText(openMs)} after ${rules.join(' or ')}`;
}

function timeoutText(backend: BackendPolicy): string {
  const { timeoutMs, connectTimeoutMs, responseHeaderTimeoutMs } = backend;
  return [
    msText(timeoutMs),
    ...(connectTimeoutMs === undefined
      ? []
      : [`connect ${msText(connectTimeoutMs)}`]),
    ...(responseHeaderTimeoutMs === undefined
      ? []
      : [`headers ${msText(responseHeaderTimeoutMs)}`]),
  ].join(', ');
}

function percent(share: number): string {
  return `${figure(share * 100)} %`;
}
