import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../support/redis/free-port.js';
import { askAsInReadme, printedAnswers } from '../ask-application.js';
import { run } from '../command.js';
import { pasteFiveMinutes } from '../five-minutes.js';
import type { PastedApplication } from '../five-minutes.js';
import { installNodes, nodeVersions } from '../node-versions.js';
import type { NodeVersion } from '../node-versions.js';
import { makeScaffold } from '../scaffold.js';
import { writeSpecs } from '../shop-specs.js';

const workshop = inject('workshop');
const forms = { esm: 'vitest', cjs: 'jest' } as const;
let nodes: Record<NodeVersion, string>;

beforeAll(async () => {
  nodes = await installNodes(join(workshop, 'nodes'));
});

describe.each(['esm', 'cjs'] as const)(
  'a new Nest 12 application as %s',
  (form) => {
    const folder = join(workshop, `nest-12-${form}`);
    let shop: PastedApplication;

    beforeAll(async () => {
      await makeScaffold(folder, `nest-12-${form}`, inject('tarball'));
      shop = await pasteFiveMinutes(folder, await freePort());
      await writeSpecs(folder, forms[form]);
      await run('npm', ['run', 'build'], folder);
    });

    it.each(nodeVersions)(
      'answers as the README shows on Node %s',
      async (version) => {
        const command = [nodes[version], 'dist/main'];
        const answers = await askAsInReadme(shop, command);
        expect(answers).toEqual(await printedAnswers());
      },
    );

    it('runs the specs of the docs with the test runner of the scaffold', () =>
      // Before Node 24.9 Jest cannot load Nest 12 from CommonJS.
      expect(
        run('npm', ['test'], folder, 240_000, {
          PATH: `${join(nodes['24'], '..')}:${process.env.PATH}`,
        }),
      ).resolves.toBeDefined());
  },
);
