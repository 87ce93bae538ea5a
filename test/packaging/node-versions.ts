import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { install } from './scaffold.js';

/** The versions of Node that the library is for; the first is the oldest that will do. */
export const nodeVersions = ['20.19', '20', '22', '24', '26'] as const;
export type NodeVersion = (typeof nodeVersions)[number];

/** Installs all of them, from npm's package `node`, and gives the path of each. */
export async function installNodes(
  folder: string,
): Promise<Record<NodeVersion, string>> {
  await mkdir(folder, { recursive: true });
  const dependencies = nodeVersions.map((version) => [
    `node-${version}`,
    `npm:node@${version}`,
  ]);
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({
      private: true,
      dependencies: Object.fromEntries(dependencies) as object,
    }),
  );
  await install(folder);
  const paths = nodeVersions.map((version) => [
    version,
    join(folder, 'node_modules', `node-${version}`, 'bin/node'),
  ]);
  return Object.fromEntries(paths) as Record<NodeVersion, string>;
}
