import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rejectDeadAnchors } from '../../docs/.vitepress/dead-anchors.js';
import { writeMarkdownTwins } from '../../docs/.vitepress/markdown-twins.js';
import { onSite } from '../../docs/.vitepress/page-links.js';
import { allPages, pageOf } from '../../docs/.vitepress/pages.js';
import { sidebar } from '../../docs/.vitepress/sidebar.js';
import { REPOSITORY } from './documents.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'floodgate-site-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a link on a page', () => {
  const from = (page: string) => (href: string) =>
    onSite(href, join(REPOSITORY, page));

  it('leads to the page under its address on the site', () => {
    expect(from('docs/limits.md')('redis.md#outages')).toBe(
      '/redis.md#outages',
    );
    expect(from('README.md')('docs/limits.md')).toBe('/limits.md');
    expect(from('docs/testing.md')('../README.md#features')).toBe(
      '/getting-started.md#features',
    );
  });

  it('is dropped when it leads to a file that is not on the site', () => {
    expect(from('docs/stores.md')('../package.json')).toBeUndefined();
  });

  it('stays unchanged when it leads elsewhere or nowhere', () => {
    for (const href of ['https://example.org/a.md', '#outages', 'missing.md'])
      expect(from('docs/limits.md')(href)).toBe(href);
  });
});

describe('the sidebar', () => {
  it('lists every page but the first, once', () => {
    const links = sidebar().flatMap(({ items = [] }) =>
      items.map(({ link }) => `${link!.slice(1)}.md`),
    );
    const pages = allPages().map((page) => pageOf(page)!);
    expect(links.toSorted()).toEqual(
      pages.filter((page) => page !== 'index.md').toSorted(),
    );
  });
});

describe('a missing anchor', () => {
  const page = (name: string, html: string) =>
    writeFileSync(join(folder, name), html);

  it('fails the build, on its own page and on another', () => {
    page('a.html', '<h2 id="here"></h2><a href="#here"></a><a href="#gone">');
    page('b.html', '<a href="/base/a.html#here"><a href="/base/a.html#lost">');
    expect(() => rejectDeadAnchors(folder, '/base/')).toThrow(
      'links to anchors that do not exist:\n' +
        '/a.html: #gone\n/b.html: /base/a.html#lost',
    );
  });

  it('is not checked on other sites', () => {
    page('a.html', '<a href="https://example.org/#gone">');
    expect(() => rejectDeadAnchors(folder, '/')).not.toThrow();
  });
});

describe('the Markdown twins', () => {
  const written = (name: string) => readFileSync(join(folder, name), 'utf8');
  beforeEach(() => writeMarkdownTwins(folder, 'Floodgate', 'It limits.'));

  it('link to each other', () => {
    const links = written('getting-started.md').matchAll(/\]\(([^):]+)\)/g);
    const targets = [...links].map(([, link]) => link.split('#')[0]);
    const names = new Set(allPages().map((page) => pageOf(page)!));
    expect(targets.length).toBeGreaterThan(20);
    expect(
      targets.filter((name) => name.endsWith('.md') && !names.has(name)),
    ).toEqual([]);
  });

  it('are listed in llms.txt with their subject', () => {
    const text = written('llms.txt');
    expect(text).toMatch(/^# Floodgate\n\n> It limits\.\n\n## Guide\n/);
    expect(text).toMatch(
      /^- \[Errors\]\(errors\.md\): Every error of this library .*\.$/m,
    );
    const entries = text.match(/^- .*$/gm) ?? [];
    expect(entries).toHaveLength(allPages().length - 1);
    expect(entries.filter((line) => !/: \S/.test(line))).toEqual([]);
  });
});
