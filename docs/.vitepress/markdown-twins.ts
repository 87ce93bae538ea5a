import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { onSite } from './page-links.js';
import { allPages, pageOf, REPOSITORY } from './pages.js';
import { sidebar } from './sidebar.js';

const CODE = /(^ *```[^]*?^ *```$)/m;
const LINK = /(!?)\[([^\]]*)\]\(([^)\s]+)\)/g;

/**
 * Writes what programs read: each page as Markdown beside its HTML, `llms.txt`
 * with what each is about (https://llmstxt.org), and `llms-full.txt` with all.
 */
export function writeMarkdownTwins(
  outDir: string,
  title: string,
  description: string,
): void {
  const twins = new Map<string, string>();
  for (const page of allPages()) {
    const twin = twinOf(page);
    const name = pageOf(page)!;
    const file = join(outDir, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, twin);
    twins.set(name, twin);
  }
  const groups = sidebar().map(({ text, items = [] }) => {
    const entries = items.map((item) => {
      const name = `${item.link!.slice(1)}.md`;
      return `- [${item.text}](${name}): ${summaryOf(twins.get(name)!)}`;
    });
    return [`## ${text}`, '', ...entries, ''].join('\n');
  });
  const head = `# ${title}\n\n> ${description}\n\n`;
  writeFileSync(join(outDir, 'llms.txt'), head + groups.join('\n'));
  const all = [...twins.values()].join('\n\n---\n\n');
  writeFileSync(join(outDir, 'llms-full.txt'), all);
}

/** A page whose links lead to the twins of other pages. */
function twinOf(page: string): string {
  const text = readFileSync(REPOSITORY + page, 'utf8');
  // Every second part is a block of code.
  const parts = text.split(CODE);
  return parts
    .map((part, i) => (i % 2 === 0 ? withLinksOf(page, part) : part))
    .join('');
}

function withLinksOf(page: string, text: string): string {
  const from = posix.dirname(`/${pageOf(page)!}`);
  return text.replaceAll(LINK, (link, mark: string, label, href: string) => {
    if (mark !== '') return link;
    const target = onSite(href, REPOSITORY + page);
    if (target === undefined) return label as string;
    if (!target.startsWith('/')) return link;
    return `[${label}](${posix.relative(from, target)})`;
  });
}

/** The first sentence of a page. */
function summaryOf(twin: string): string {
  const paragraphs = twin
    .replaceAll(new RegExp(CODE, 'gm'), '')
    .split(/\n{2,}/);
  const prose = paragraphs.find((text) => /^[\p{L}`*[]/u.test(text));
  const plain = (prose ?? '')
    .replaceAll(LINK, '$2')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return /^.*?[.:](?= |$)/.exec(plain)?.[0].replace(/:$/, '.') ?? plain;
}
