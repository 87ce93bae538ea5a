import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** A page of Markdown. */
export interface Document {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

const NOT_OURS = /^(\..*|node_modules|dist|build|coverage)$/;

/** Every page of Markdown in the repository. */
export function allDocuments(folder = REPOSITORY): Document[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((item) => {
    const path = join(folder, item.name);
    if (NOT_OURS.test(item.name)) return [];
    if (item.isDirectory()) return allDocuments(path);
    if (!item.name.endsWith('.md')) return [];
    const text = readFileSync(path, 'utf8');
    return [{ path: relative(REPOSITORY, path), text }];
  });
}
