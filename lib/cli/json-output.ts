import * as z from 'zod/mini';

/** What `check --json` and `simulate --json` print: numbers to compute with, beside the words that people read. */

const rate = z.object({
  maxRate: z.number().check(z.describe('tokens per `everyMs`')),
  everyMs: z.number().check(z.describe('the window in milliseconds')),
  perSecond: z.number().check(z.describe('`maxRate` a second')),
  capacity: z.number().check(z.describe('the largest burst')),
});

const bucket = z.extend(rate, {
  scope: z
    .enum(['all callers', 'each client'])
    .check(z.describe('whose bucket it is')),
  client: z
    .optional(z.string())
    .check(z.describe('what tells clients apart, such as `ip`')),
  tier: z
    .optional(z.string())
    .check(z.describe('the tier that has the bucket, where a limit has tiers')),
  policy: z.optional(z.string()).check(z.describe('the policy it belongs to')),
});

const endpoint = z.object({
  endpoint: z
    .string()
    .check(
      z.describe('`GET /orders/{id}`, `(service)` or `(policy <its name>)`'),
    ),
  limit: z.string().check(z.describe('in words: what all callers share')),
  eachClient: z.string().check(z.describe('in words: what each client has')),
  timeout: z.string().check(z.describe('in words; `-` where there is none')),
  buckets: z.array(bucket),
  timeoutMs: z.optional(z.number()),
});

const backend = z.object({
  backend: z.string(),
  hosts: z.array(z.string()),
  limit: z.string(),
  breaker: z.string(),
  timeout: z.string(),
  rateLimit: z.optional(rate),
  circuitBreaker: z.optional(
    z.object({
      maxErrors: z.optional(z.number()),
      intervalMs: z.optional(z.number()),
      timeoutMs: z.number().check(z.describe('how long it stays open')),
    }),
  ),
  timeoutMs: z.number(),
});

const remark = z.object({
  code: z.string().check(z.describe('stable; `fault` for what is wrong')),
  severity: z.enum(['error', 'warning', 'note']),
  subject: z.string().check(z.describe('what it concerns')),
  path: z.string().check(z.describe('where it stands in the file')),
  written: z.optional(z.string()),
  enforced: z.string(),
  fix: z.string(),
});

const checkedFile = z.object({
  file: z.string(),
  kind: z
    .optional(z.enum(['krakend', 'floodgate']))
    .check(z.describe('absent where the file could not be read')),
  endpoints: z.optional(z.array(endpoint)),
  backends: z.optional(z.array(backend)),
  findings: z.array(remark),
  counts: z.object({
    error: z.number(),
    warning: z.number(),
    note: z.number(),
  }),
});

const share = z.number().check(z.describe('from 0 to 1'));

const suggestion = z.object({
  limits: z
    .array(z.record(z.string(), z.unknown()))
    .check(z.describe('as a route of the configuration takes them')),
  requests: z.number(),
  refused: z
    .number()
    .check(z.describe('of the same traffic, under these limits together')),
});

const simulated = z.object({
  requests: z.number(),
  refused: z.number(),
  refusedShare: share,
  from: z.string().check(z.describe('the first request, as a date or seconds')),
  to: z.string(),
  fromMs: z.number(),
  toMs: z.number(),
  endpoints: z.array(
    z.object({
      endpoint: z.string(),
      requests: z.number(),
      refused: z.number(),
      refusedShare: share,
      refusedBy: z.record(z.string(), z.number()),
      firstRefused: z.optional(z.string()),
      firstRefusedMs: z.optional(z.number()),
      suggested: z.optional(suggestion),
    }),
  ),
  withoutRoute: z
    .object({
      requests: z.number(),
      paths: z
        .array(z.object({ endpoint: z.string(), requests: z.number() }))
        .check(z.describe('some of them, the most frequent first')),
    })
    .check(z.describe('requests that no route of the configuration is for')),
  clients: z
    .array(
      z.object({
        client: z.string().check(z.describe('as the limit takes it')),
        by: z.string().check(z.describe('what tells it apart, such as `ip`')),
        refused: z.number(),
      }),
    )
    .check(z.describe('those that are refused most')),
  warnings: z.array(
    z.object({ message: z.string(), requests: z.optional(z.number()) }),
  ),
  lines: z.object({
    noRequest: z.number().check(z.describe('understood, and no requests')),
    unreadable: z.number().check(z.describe('not understood')),
    outOfOrder: z.number().check(z.describe('requests too late to be sorted')),
  }),
});

export const OUTPUTS = {
  check: z.array(checkedFile),
  simulate: simulated,
};

export type CheckedFileJson = z.output<typeof checkedFile>;
export type BucketJson = z.output<typeof bucket>;
export type EndpointJson = z.output<typeof endpoint>;
export type BackendJson = z.output<typeof backend>;
export type Remark = z.output<typeof remark>;
export type SimulatedJson = z.output<typeof simulated>;
export type SuggestionJson = z.output<typeof suggestion>;

/** A command that prints JSON. */
export type JsonCommand = keyof typeof OUTPUTS;

export const JSON_COMMANDS = Object.keys(OUTPUTS) as JsonCommand[];

/** The JSON Schema of what a command prints under `--json`. */
export function outputSchema(command: JsonCommand): object {
  return {
    ...z.toJSONSchema(OUTPUTS[command]),
    title: `floodgate ${command} --json`,
  };
}

/** What a command prints under `--json`. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replaceAll(UNSEEN, escaped);
}

/** What a terminal acts on and JSON would leave as it is. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu;

function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
