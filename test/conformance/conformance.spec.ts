import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReplayBench, ReplayBench } from './replay-bench.fixture.js';
import {
  recordedBreakers,
  recordedText,
  stretched,
} from './vectors.fixture.js';

/** Columns of a breaker event. */
const STATE = 5;
const REQUESTS = 6;

let bench: ReplayBench;

beforeAll(async () => {
  bench = await openReplayBench();
});

afterAll(() => bench.close());

describe('replay of recorded vectors', () => {
  it('agrees with every event of every file', async () => {
    const { exitCode, out } = await bench.replayFolder();
    expect(out.trimEnd().split('\n')).toEqual([
      'circuit-breaker.json: 130 of 130 traces, 13000 of 13000 events agreed',
      'client-key.json: 36 of 36 vectors agreed',
      'config.json: 128 of 128 vectors agreed; 3 depend on the processor',
      'duration.json: 242 of 242 vectors agreed',
      'token-bucket-reference.json: 120 of 120 traces, 24000 of 24000 events agreed',
      '5 of 5 files agreed',
    ]);
    expect(exitCode).toBe(0);
  });

  it('is exact to the nanosecond when times exceed 2^53', async () => {
    const vectors = stretched(await recordedBreakers(), 1_000_003n);
    const { exitCode, out } = await bench.replay({
      'long.json': JSON.stringify(vectors),
    });
    expect(out).toContain(
      'long.json: 130 of 130 traces, 13000 of 13000 events agreed; times of 130 traces pass 2^53 ns: in BigInt',
    );
    expect(exitCode).toBe(0);
  });

  it('notices a late expiry in a trace of any length', async () => {
    const vectors = stretched(await recordedBreakers(), 1_000_003n);
    for (const trace of vectors.traces) {
      trace.timeout_ns = String(BigInt(trace.timeout_ns) + 1_000_003n);
    }
    const { exitCode, out } = await bench.replay({
      'late.json': JSON.stringify(vectors),
    });
    expect(out).toContain('disagrees');
    expect(exitCode).toBe(1);
  });

  it('distinguishes an expiry from the next nanosecond beyond 2^53', async () => {
    const failure = '[0, "c", 0, "f", "ok", "O", 0, 0, 0, 0, 0, 0]';
    const probe =
      '[9007199254740993, "c", 0, "s", "ok", "C", 0, 0, 0, 0, 0, 0]';
    const { exitCode, out } = await bench.replay({
      'exact.json': `{ "kind": "circuit-breaker", "traces": [{
        "interval_ns": 0, "timeout_ns": 9007199254740992, "max_errors_u32": 0,
        "events": [${failure}, ${probe}] }] }`,
    });
    expect(out).toContain('exact.json: 1 of 1 traces, 2 of 2 events agreed');
    expect(exitCode).toBe(0);
  });
});

describe('replay of a configuration with both buckets', () => {
  const vector = (clientBurst: number) =>
    JSON.stringify({
      kind: 'config',
      vectors: [
        {
          id: 1,
          kind: 'ratelimit-router',
          extra_config: {
            'qos/ratelimit/router': {
              max_rate: 10,
              capacity: 3,
              client_max_rate: 5,
              client_capacity: 8,
              strategy: 'header',
              key: 'X-Client',
            },
          },
          result: {
            endpoint_limit: { capacity: '3', rate_6dec: '10.000000' },
            client_limit: {
              capacity: '8',
              rate_6dec: '5.000000',
              strategy: 'header',
              key: 'X-Client',
            },
            burst_one_client_at_t0: clientBurst,
          },
        },
      ],
    });

  it('limits the first burst of a client by the smaller bucket', async () => {
    const { exitCode, out } = await bench.replay({ 'config.json': vector(3) });
    expect(out).toContain('config.json: 1 of 1 vectors agreed');
    expect(exitCode).toBe(0);
  });

  it("notices a burst that only the client's own bucket would allow", async () => {
    const { exitCode, out } = await bench.replay({ 'config.json': vector(8) });
    expect(out).toContain('disagrees');
    expect(exitCode).toBe(1);
  });
});

describe('replay of vectors that disagree', () => {
  it('prints the trace of a tampered breaker event and fails', async () => {
    const vectors = await recordedBreakers();
    const event = vectors.traces[5].events[40];
    event[REQUESTS] = Number(event[REQUESTS]) + 1;
    const { exitCode, out } = await bench.replay({
      'circuit-breaker.json': JSON.stringify(vectors),
    });
    expect(exitCode).toBe(1);
    expect(out).toContain('129 of 130 traces, 12940 of 13000 events agreed');
    expect(out).toContain('trace 5 disagrees');
    expect(out).toContain('"interval_ns":1000000000');
    expect(out).toContain('11 earlier events');
    expect(out).toContain(JSON.stringify(event));
    expect(out).toMatch(/expected result "\w*", state C, counts \d/);
    expect(out).toMatch(/got {6}result "\w*", state C, counts \d/);
  });

  it('prints few traces, however many disagree', async () => {
    const vectors = await recordedBreakers();
    for (const trace of vectors.traces) trace.events[0][STATE] = 'H';
    const { exitCode, out } = await bench.replay({
      'circuit-breaker.json': JSON.stringify(vectors),
    });
    expect(exitCode).toBe(1);
    expect(out).toContain('0 of 130 traces, 0 of 13000 events agreed');
    expect(out).toContain('and 127 more');
    expect(out.split('\n').length).toBeLessThan(40);
  });

  it.each([
    ['a decision', 'token-bucket-reference', '[0,1,1,0]', '[0,1,0,0]'],
    [
      'a wait by 2 µs',
      'token-bucket-reference',
      '[0,1,0,243938]',
      '[0,1,0,245938]',
    ],
    [
      'a wait by 0.2 %',
      'token-bucket-reference',
      '[0,1,0,3017634527]',
      '[0,1,0,3023669796]',
    ],
    [
      'a cost that never passes',
      'token-bucket-reference',
      '[824457154,2,0,-1]',
      '[824457154,2,0,1]',
    ],
    ['a length by 1 ns', 'duration', '"ns":"1000000000"', '"ns":"1000000001"'],
    ['a fault', 'duration', 'missing unit', 'invalid'],
    [
      'an effective rate',
      'config',
      '"max_rate":0.42857142857142855',
      '"max_rate":0.42857142857142',
    ],
    ['a client', 'client-key', '"token":"a b"', '"token":"a c"'],
    [
      'an unknown unit',
      'duration',
      'unknown unit \\"M\\"',
      'unknown unit \\"N\\"',
    ],
  ])('notices %s that differs', async (_, kind, recorded, doctored) => {
    const text = await recordedText(`${kind}.json`);
    const { exitCode, out } = await bench.replay({
      [`${kind}.json`]: text.replace(recorded, doctored),
    });
    expect(out).toContain('disagrees');
    expect(exitCode).toBe(1);
  });
});
