import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { packLibrary } from '../tarball.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The packed library. */
    tarball: string;
    /** Where applications are set up; each spec file has a folder of its own in it. */
    workshop: string;
  }
}

/** Packs the library once for all spec files. */
export default async function pack(project: TestProject) {
  const workshop = await realpath(await mkdtemp(join(tmpdir(), 'floodgate-')));
  const { path } = await packLibrary(workshop);
  project.provide('tarball', path);
  project.provide('workshop', workshop);
  return () => rm(workshop, { recursive: true, force: true });
}
