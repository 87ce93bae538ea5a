import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { crossedFiles } from '../../architecture/crossed-files.js';
import { answer, fail, inTurn } from '../../support/backend-behaviours.js';
import {
  backendForTest,
  upstreamForTest,
} from '../../support/backend-under-test.js';

/** The files of the library of which some function runs while `work` does. */
async function filesCrossedBy(work: () => Promise<unknown>): Promise<string[]> {
  const files = await crossedFiles(work);
  return files.map((file) => file.slice('lib/'.length, -'.ts'.length));
}

/** The list under a heading of the page about the house. */
async function listed(heading: string): Promise<string[]> {
  const page = fileURLToPath(
    new URL('../../../docs/architecture.md', import.meta.url),
  );
  const text = await readFile(page, 'utf8');
  const [, list] = text.split(`**${heading}**`);
  const [block] = list.split('```\n').slice(1);
  return block.trim().split(/\s+/).toSorted();
}

/** A backend with what most have. */
const usual = {
  rateLimit: { maxRate: 100, capacity: 100 },
  circuitBreaker: { maxErrors: 5 },
  concurrency: { maxConcurrent: 10 },
};

describe('the files that a call crosses', () => {
  it('are at most 18 for a successful call, and those that the documentation lists', async () => {
    const upstream = await upstreamForTest(answer());
    const catalog = backendForTest(upstream.url, usual);
    await catalog.get('/');
    const files = await filesCrossedBy(() => catalog.get('/'));
    expect(files).toEqual(await listed('A call that succeeds crosses'));
    expect(files.length).toBeLessThanOrEqual(18);
  });

  it('are at most 22 for a retried call, and those that the documentation lists', async () => {
    const turns = inTurn(answer(), fail(503), answer());
    const upstream = await upstreamForTest(turns);
    const retry = { baseDelay: '1ms', limit: 1 };
    const catalog = backendForTest(upstream.url, { ...usual, retry });
    await catalog.get('/');
    const files = await filesCrossedBy(() => catalog.get('/'));
    const once = await listed('A call that succeeds crosses');
    const more = await listed('One with a retry crosses these as well');
    expect(files).toEqual([...once, ...more].toSorted());
    expect(files.length).toBeLessThanOrEqual(22);
  });
});
