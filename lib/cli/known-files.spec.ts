import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { summary } from './summary.js';
import { fromKrakend, KrakendFindingCode } from '../krakend/index.js';

const FILES = fileURLToPath(
  new URL('../../test/krakend-files/', import.meta.url),
);

interface Known {
  /** The codes of all findings, each once. */
  readonly codes: readonly KrakendFindingCode[];
  /** Parts of what findings say is enforced. */
  readonly said?: readonly string[];
  /** Figures of endpoints and backends, as `check` shows them. */
  readonly figures: readonly string[];
}

const threeTools: Known = {
  codes: [
    'address-can-be-forged',
    'breaker-counts-client-errors',
    'breaker-opens-one-later',
    'limit-trips-breaker',
    'partial-answers',
    'timeout-shared',
  ],
  said: ['failure 2 in a row', '85 %'],
  figures: [
    '50/s, capacity 50',
    '5/s, capacity 5, by ip',
    '1/s, capacity 1',
    'opens on failure 2 within 1m, for 10s',
  ],
};

/** Files as people write them, each with the trap that it is known for. */
const KNOWN: Record<string, Known> = {
  'both-layers': {
    codes: [],
    figures: ['2/s, capacity 2', '1/s, capacity 1'],
  },
  breakers: {
    codes: [
      'breaker-counts-client-errors',
      'breaker-name-shared',
      'breaker-opens-one-later',
      'partial-answers',
      'timeout-shared',
    ],
    said: ['failure 2 in a row', 'shares nothing'],
    figures: ['1/s, capacity 1', 'opens on failure 2 within 5s, for 2s'],
  },
  'burst-above-rate': {
    codes: ['address-can-be-forged'],
    figures: ['20/s, capacity 50', '20/s, capacity 20, by ip'],
  },
  'claim-as-key': {
    codes: ['client-without-key', 'protection-not-imported'],
    said: ['lacks the claim that fills it, gets 429'],
    figures: ['1/s, capacity 1, by header x-user'],
  },
  'dead-names': {
    codes: [
      'breaker-counts-client-errors',
      'breaker-opens-one-later',
      'name-dead',
    ],
    said: ['knows no section of that name'],
    figures: [
      'opens on failure 6 within 1m, for 10s',
      'opens on failure 2 within 1m, for 5s',
    ],
  },
  'no-capacity': {
    codes: ['address-can-be-forged', 'capacity-by-default'],
    said: ['The capacity is 1: 1.667 a second'],
    figures: [
      '100/1m (1.667/s), capacity 1',
      '100/1m (1.667/s), capacity 1, by ip',
    ],
  },
  'numbers-as-texts': {
    codes: ['limit-missing', 'number-as-text'],
    said: ['No limit at all'],
    figures: [],
  },
  'partial-answers': {
    codes: ['partial-answers', 'timeout-shared'],
    said: ['the caller gets 200', 'X-Krakend-Completed: false'],
    figures: ['2/s, capacity 2', '1/s, capacity 1'],
  },
  'per-minute': { codes: [], figures: ['120/1m (2/s), capacity 50'] },
  'service-limit': {
    codes: ['enterprise-only'],
    said: ['Community edition ignores it'],
    figures: ['5000/1h (1.389/s), capacity 10000'],
  },
  tiers: {
    codes: ['client-without-key', 'enterprise-only', 'limit-not-imported'],
    said: ['Community edition ignores it', 'Enterprise enforces it'],
    figures: ['2 tiers'],
  },
  'version-2': threeTools,
  'version-3': threeTools,
};

describe('the KrakenD files of the tests', () => {
  it.each(Object.entries(KNOWN))(
    'have the known findings and figures: %s',
    (name, { codes, said, figures }) => {
      const { options, findings } = fromKrakend(`${FILES}${name}.json`);
      const { endpoints, backends } = summary(options);
      const shown = new Set([
        ...endpoints.flatMap(({ limit, eachClient }) => [limit, eachClient]),
        ...backends.flatMap(({ limit, breaker }) => [limit, breaker]),
      ]);
      shown.delete('-');
      const enforced = findings.map((finding) => finding.enforced).join(' ');
      expect([...new Set(findings.map(({ code }) => code))].toSorted()).toEqual(
        codes,
      );
      for (const text of said ?? []) expect(enforced).toContain(text);
      expect([...shown].toSorted()).toEqual([...new Set(figures)].toSorted());
    },
  );

  it('are all known', () => {
    const names = readdirSync(FILES).map((file) => file.replace('.json', ''));
    expect(Object.keys(KNOWN).toSorted()).toEqual(names.toSorted());
  });
});
