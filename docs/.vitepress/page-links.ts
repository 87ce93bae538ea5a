import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';
import { pageOf, REPOSITORY } from './pages.js';

const ELSEWHERE = /^(?:[a-z][a-z+.-]*:|\/|#)/i;

/**
 * Makes links that work in the repository work on the site: to a page, under
 * the name it has there; to any other file, such as one of the code, as plain
 * text, since the site does not have it.
 */
export function linkPages(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('link-pages', ({ tokens, env }) => {
    const { realPath, path } = env as { realPath?: string; path: string };
    for (const token of tokens) {
      // Links do not nest, so each end belongs to the beginning before it.
      let isLeftOut = false;
      token.children = (token.children ?? []).filter((child) => {
        if (child.type === 'link_close') return !isLeftOut;
        if (child.type !== 'link_open') return true;
        const target = onSite(child.attrGet('href') ?? '', realPath ?? path);
        isLeftOut = target === undefined;
        child.attrSet('href', target ?? '');
        return !isLeftOut;
      });
    }
  });
}

/**
 * The target of a link on the site; `undefined` where it is a file that the
 * site does not have.
 *
 * @param page the file that has the link
 */
export function onSite(href: string, page: string): string | undefined {
  if (ELSEWHERE.test(href)) return href;
  const [target, anchor] = href.split('#');
  const file = join(dirname(page), decodeURI(target));
  const name = pageOf(relative(REPOSITORY, file).replaceAll('\\', '/'));
  // What is nowhere stays as it is: VitePress then says that the link is dead.
  if (!existsSync(file)) return href;
  if (name === undefined) return undefined;
  return `/${name}${anchor === undefined ? '' : `#${anchor}`}`;
}
