import { headingAnchor } from '../../docs/.vitepress/heading-anchor.js';
import { markdownLines } from './markdown-lines.js';

/** The anchors of a page's headings, as code hosts derive them. */
export function headingAnchors(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const { text, language } of markdownLines(page)) {
    const heading = language === undefined && /^#{1,6}\s+(.*)$/.exec(text);
    if (!heading) continue;
    const anchor = headingAnchor(textOf(heading[1]));
    let free = anchor;
    for (let n = 1; anchors.has(free); n++) free = `${anchor}-${n}`;
    anchors.add(free);
  }
  return anchors;
}

/** Without the marks of Markdown. */
function textOf(heading: string): string {
  return heading
    .replace(/\s+#+\s*$/, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
}
