import type { DefaultTheme } from 'vitepress';
import { allPages, pageOf, titleOf } from './pages.js';

type Item = DefaultTheme.SidebarItem;

/** Pages by group, in the order of reading; a page that is not written yet is left out. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Guide: [
    'README.md',
    'docs/testing.md',
    'docs/where-it-runs.md',
    'docs/from-nestjs-throttler.md',
    'docs/troubleshooting.md',
  ],
  Inbound: ['docs/limits.md', 'docs/transports.md'],
  Outbound: [
    'docs/backends.md',
    'docs/backend-stages.md',
    'docs/breaker.md',
    'docs/hosts.md',
    'docs/retries.md',
  ],
  Operations: ['docs/operations.md', 'docs/redis.md', 'docs/stores.md'],
  Recipes: ['docs/recipes.md'],
  KrakenD: [
    'docs/coming-from-krakend.md',
    'docs/krakend.md',
    'docs/krakend-findings.md',
    'docs/command-line.md',
  ],
  Reference: [
    'docs/configuration.md',
    'docs/findings.md',
    'docs/errors.md',
    'docs/benchmarks.md',
    'docs/peer-scenarios.md',
    'CHANGELOG.md',
  ],
  Contributing: ['CONTRIBUTING.md', 'docs/architecture.md', 'SECURITY.md'],
};

/** Where a page is listed that no group names. */
const REST = 'Reference';

/** Titles that would say little among others. */
const SHORTER: Readonly<Record<string, string>> = {
  'README.md': 'Getting started',
  'docs/architecture.md': 'Architecture',
};

/** Every page of the site, in groups. */
export function sidebar(): Item[] {
  const pages = new Set(allPages());
  const named = new Set(Object.values(GROUPS).flat());
  const others = [...pages].filter(
    (page) => !named.has(page) && page !== 'docs/index.md',
  );
  return Object.entries(GROUPS).map(([text, listed]) => {
    const more = others.filter((page) => groupOf(page) === text);
    const shown = [...listed.filter((page) => pages.has(page)), ...more];
    return { text, collapsed: false, items: shown.map(itemOf) };
  });
}

/** The folder of a page names its group, where there is such a group. */
function groupOf(page: string): string {
  const folder = /^docs\/([^/]+)\//.exec(page)?.[1];
  const named = Object.keys(GROUPS).find(
    (name) => name.toLowerCase() === folder,
  );
  return named ?? REST;
}

function itemOf(page: string): Item {
  return {
    text: SHORTER[page] ?? titleOf(page),
    link: `/${pageOf(page)!.replace(/\.md$/, '')}`,
  };
}
