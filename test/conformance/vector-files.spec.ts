import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runConformance } from './conformance-run.fixture.js';
import { openReplayBench, ReplayBench } from './replay-bench.fixture.js';
import { recordedText } from './vectors.fixture.js';

let bench: ReplayBench;

beforeAll(async () => {
  bench = await openReplayBench();
});

afterAll(() => bench.close());

describe('a folder of vector files', () => {
  it('reports an unknown file as not replayed and does not count it', async () => {
    const { exitCode, out } = await bench.replay({
      'duration.json': await recordedText('duration.json'),
      'weather.json': '{ "kind": "weather", "vectors": [{}] }',
      'README.md': 'words',
    });
    expect(out.trimEnd().split('\n')).toEqual([
      'README.md: not replayed (no JSON file)',
      'duration.json: 242 of 242 vectors agreed',
      'weather.json: not replayed (kind "weather" is not known)',
      '1 of 1 files agreed, 2 not replayed',
    ]);
    expect(exitCode).toBe(0);
  });

  it.each([
    ['broken JSON', '{ "kind": "duration",', 'failed ('],
    ['no object', '42', 'holds no JSON object'],
    ['no vectors', '{ "kind": "duration", "vectors": [] }', 'vectors must be'],
    [
      'no result',
      '{ "kind": "duration", "vectors": [{"in":"1s"}] }',
      'vector 0',
    ],
    [
      'an unknown operation',
      '{ "kind": "circuit-breaker", "traces": [{ "interval_ns": 0, "timeout_ns": 1, "max_errors_u32": 0, "events": [[0, "q"]] }] }',
      'trace 0, event 0, op must be one of "c" "b" "e"',
    ],
  ])('fails on a file with %s and replays the others', async (_, text, why) => {
    const { exitCode, out } = await bench.replay({
      'a.json': text,
      'duration.json': await recordedText('duration.json'),
    });
    expect(out).toContain('a.json: failed (');
    expect(out).toContain(why);
    expect(out).toContain('duration.json: 242 of 242 vectors agreed');
    expect(out).toContain('1 of 1 files agreed, 1 failed');
    expect(exitCode).toBe(2);
  });

  it('fails when it contains nothing to replay', async () => {
    const { exitCode, out, err } = await bench.replay({ 'README.md': 'words' });
    expect(out).toBe('');
    expect(err).toContain('holds no vectors of a known kind');
    expect(exitCode).toBe(2);
  });

  it('fails when it does not exist', async () => {
    const missing = '/nowhere/to/be/found';
    const { exitCode, err } = await bench.replayFolder(missing);
    expect(err).toContain(missing);
    expect(exitCode).toBe(2);
  });

  it('fails on an unknown option', async () => {
    const { exitCode, err } = await runConformance('--vector', 'x');
    expect(err).toContain('--vector');
    expect(exitCode).toBe(2);
  });
});
