import { markdownLines } from './markdown-lines.js';

/** The anchors of a page's headings, as code hosts derive them. */
export function headingAnchors(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const { text, language } of markdownLines(page)) {
    const heading = language === undefined && /^#{1,6}\s+(.*)$/.exec(text);
    if (!heading) continue;
    const anchor = anchorOf(heading[1]);
    let free = anchor;
    for (let n = 1; anchors.has(free); n++) free = `${anchor}-${n}`;
    anchors.add(free);
  }
  return anchors;
}

function anchorOf(heading: string): string {
  return heading
    .replace(/\s+#+\s*$/, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}
