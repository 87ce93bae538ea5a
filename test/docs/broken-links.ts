import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { REPOSITORY } from './documents.js';
import type { Document } from './documents.js';
import { headingAnchors } from './headings.js';
import { markdownLines } from './markdown-lines.js';

const INLINE_CODE = /(`+)[^`].*?\1/g;
const LINK = /\]\(\s*<?([^)>\s]+)[^)]*\)|^\s*\[[^\]]+\]:\s+(\S+)/g;
const ELSEWHERE = /^[a-z][a-z+.-]*:/i;

/**
 * The links of a page that lead to no file, folder or heading of the
 * repository, each with its line. Links to other places are not followed.
 */
export function brokenLinks(document: Document): string[] {
  return markdownLines(document.text)
    .filter(({ language }) => language === undefined)
    .flatMap(({ number, text }) =>
      targets(text)
        .filter((target) => !leadsSomewhere(target, document))
        .map((target) => `${document.path}:${number}: ${target}`),
    );
}

function targets(line: string): string[] {
  return [...line.replaceAll(INLINE_CODE, '').matchAll(LINK)].map(
    ([, inline, reference]) => inline ?? reference,
  );
}

function leadsSomewhere(target: string, { path, text }: Document): boolean {
  if (ELSEWHERE.test(target)) return true;
  const [file, anchor] = target.split('#');
  const found = join(REPOSITORY, dirname(path), decodeURI(file));
  if (file && !existsSync(found)) return false;
  if (anchor === undefined) return true;
  const page = file ? readFileSync(found, 'utf8') : text;
  return headingAnchors(page).has(decodeURI(anchor));
}
