import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const ID = /\sid="([^"]+)"/g;
const LINK = /<a\s[^>]*?href="([^"]+)"/g;
const ELSEWHERE = /^(?:[a-z][a-z+.-]*:|\/\/)/i;

/**
 * VitePress looks whether the page of a link is there; this looks for the place
 * on it.
 *
 * @throws Error that names each link to an anchor that its page does not have
 */
export function rejectDeadAnchors(outDir: string, base: string): void {
  const pages = new Map(
    readdirSync(outDir, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.html'))
      .map((file) => [
        `/${file.replaceAll('\\', '/')}`,
        readFileSync(join(outDir, file), 'utf8'),
      ]),
  );
  const anchors = new Map(
    [...pages].map(([page, html]) => [
      page,
      new Set([...html.matchAll(ID)].map(([, id]) => id)),
    ]),
  );
  const dead = [...pages].flatMap(([page, html]) =>
    [...html.matchAll(LINK)]
      .map(([, href]) => href)
      .filter((href) => href.includes('#') && !ELSEWHERE.test(href))
      .filter((href) => {
        const [target, anchor] = href.split('#');
        const at = target === '' ? page : pageAt(target, page, base);
        return (
          anchor !== '' && !anchors.get(at)?.has(decodeURIComponent(anchor))
        );
      })
      .map((href) => `${page}: ${href}`),
  );
  if (dead.length === 0) return;
  throw new Error(`links to anchors that do not exist:\n${dead.join('\n')}`);
}

function pageAt(target: string, page: string, base: string): string {
  const path = target.startsWith(base)
    ? `/${target.slice(base.length)}`
    : posix.join(posix.dirname(page), target);
  if (path.endsWith('/')) return `${path}index.html`;
  return path.endsWith('.html') ? path : `${path}.html`;
}
