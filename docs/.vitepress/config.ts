import { basename } from 'node:path';
import { defineConfig } from 'vitepress';
import { rejectDeadAnchors } from './dead-anchors.js';
import { renderDiagrams } from './diagrams.js';
import { headingAnchor } from './heading-anchor.js';
import { writeMarkdownTwins } from './markdown-twins.js';
import { linkPages } from './page-links.js';
import { foldersWithoutPages, pageOf, REPOSITORY } from './pages.js';
import { sidebar } from './sidebar.js';

const description =
  'Rate limits, circuit breakers, retries and deadlines for NestJS: protects your API from its callers, and from backends that fail.';

/** The site shows the Markdown of the repository as it is: `docs/`, and the pages of its root. */
export default defineConfig({
  title: 'nestjs-floodgate',
  description,
  lang: 'en',
  srcDir: '..',
  srcExclude: foldersWithoutPages().map((folder) => `${folder}/**`),
  rewrites: (path) => pageOf(path) ?? path,
  outDir: `${REPOSITORY}build/site`,
  cacheDir: `${REPOSITORY}build/site-cache`,
  markdown: {
    anchor: { slugify: headingAnchor },
    config(markdown) {
      linkPages(markdown);
      renderDiagrams(markdown);
    },
  },
  vite: {
    // Some diagrams need most of Mermaid; it is loaded by their pages alone.
    build: { chunkSizeWarningLimit: 2000 },
  },
  themeConfig: {
    sidebar: sidebar(),
    nav: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'Configuration', link: '/configuration' },
      { text: 'Findings', link: '/findings' },
    ],
    outline: 'deep',
    search: { provider: 'local' },
  },
  transformHead: ({ pageData }) => [
    [
      'link',
      {
        rel: 'alternate',
        type: 'text/markdown',
        href: basename(pageData.relativePath),
      },
    ],
  ],
  buildEnd({ outDir, site }) {
    writeMarkdownTwins(outDir, site.title, description);
    rejectDeadAnchors(outDir, site.base);
  },
});
