import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { transports } from '../../../support/backend-under-test.js';
import {
  axiosMinor,
  onAxios,
  onBackend,
  sceneForTest,
} from '../../../support/parity.js';
import type { ParityCase } from '../../../support/parity.js';
import { answers } from './cases/answers.js';
import { bodies } from './cases/bodies.js';
import { cancelling } from './cases/cancelling.js';
import { compression } from './cases/compression.js';
import { failures } from './cases/failures.js';
import { lookups } from './cases/lookups.js';
import { proxies } from './cases/proxies.js';
import { redirects } from './cases/redirects.js';
import { requests } from './cases/requests.js';
import { timeouts } from './cases/timeouts.js';

const groups: Record<string, readonly ParityCase[]> = {
  requests,
  bodies,
  answers,
  compression,
  redirects,
  failures,
  timeouts,
  cancelling,
  lookups,
  proxies,
};

describe.each(transports)('over %s a backend', (transport) => {
  const run = { transport, minor: axiosMinor };
  const isSame = ({ differs }: ParityCase) => !differs?.(run);

  async function bothOutcomes(parityCase: ParityCase) {
    const scene = await sceneForTest();
    const bare = await onAxios(parityCase, scene);
    return { bare, ours: await onBackend(parityCase, scene, transport) };
  }

  describe.each(Object.entries(groups))(
    'behaves like axios: %s',
    (_, cases) => {
      it.each(cases.filter(isSame))('$name', async (parityCase) => {
        const { bare, ours } = await bothOutcomes(parityCase);
        expect(ours).toEqual(bare);
      });
    },
  );

  describe('differs as the table in the docs says when axios', () => {
    const others = Object.values(groups)
      .flat()
      .filter((parityCase) => !isSame(parityCase));
    it.each(others)('$name', async (parityCase) => {
      const { bare, ours } = await bothOutcomes(parityCase);
      expect(ours).not.toEqual(bare);
      expect(ours).toMatchObject(parityCase.differs!(run)!.instead);
    });
  });
});

const DOCUMENT = new URL('../../../../docs/backends.md', import.meta.url);
const SECTION = '### Differences from axios';

/** The first cells of the table of differences. */
async function documentedRows(): Promise<string[]> {
  const text = await readFile(DOCUMENT, 'utf8');
  const [, after = ''] = text.split(SECTION);
  const [section] = after.split(/\n#+ /);
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) => line.split('|')[1].trim());
}

describe('the table of differences in docs/backends.md', () => {
  it('has a row for each difference that a case shows and no other', async () => {
    const minors = [7, 12, 21];
    const shown = Object.values(groups)
      .flat()
      .flatMap(({ differs }) =>
        transports.flatMap((transport) =>
          minors.map((minor) => differs?.({ transport, minor })?.row),
        ),
      )
      .filter((row) => row !== undefined);
    const rows = await documentedRows();
    expect(rows.length).toBeGreaterThan(0);
    expect([...new Set(shown)].toSorted()).toEqual(rows.toSorted());
  });
});
