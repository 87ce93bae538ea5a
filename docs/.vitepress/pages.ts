import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, which ends with a slash. */
export const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

/** Pages outside of `docs/`, and what they are called on the site. */
const OUTSIDE: Readonly<Record<string, string>> = {
  'README.md': 'getting-started.md',
  'CONTRIBUTING.md': 'contributing.md',
  'SECURITY.md': 'security.md',
  'CHANGELOG.md': 'changelog.md',
};

/**
 * What a file of the repository is called on the site; `undefined` when it is
 * no page of it.
 *
 * @param path relative to the repository
 */
export function pageOf(path: string): string | undefined {
  const inDocs = /^docs\/(?!\.)(.*\.md)$/.exec(path)?.[1];
  return inDocs ?? OUTSIDE[path];
}

/** Every page of the site, by its path in the repository. */
export function allPages(): string[] {
  const inDocs = readdirSync(`${REPOSITORY}docs`, { recursive: true })
    .map((path) => `docs/${String(path).replaceAll('\\', '/')}`)
    .filter((path) => pageOf(path) !== undefined);
  return [...Object.keys(OUTSIDE), ...inDocs.toSorted()].filter((path) =>
    existsSync(REPOSITORY + path),
  );
}

/** The folders of the repository that have no pages. */
export function foldersWithoutPages(): string[] {
  return readdirSync(REPOSITORY, { withFileTypes: true })
    .filter((item) => item.isDirectory() && item.name !== 'docs')
    .map(({ name }) => name);
}

/** The first heading of a page, as plain text. */
export function titleOf(path: string): string {
  const text = readFileSync(REPOSITORY + path, 'utf8');
  const title = /^# +(.+)$/m.exec(text)?.[1];
  return (title ?? path).replaceAll('`', '');
}
