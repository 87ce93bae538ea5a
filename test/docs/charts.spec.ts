import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const FOLDER = 'docs/benchmarks';
/** A character of a sans-serif font is no wider on average, as a share of its size. */
const CHARACTER = 0.58;
const TEXT = /<text x="(?<x>[\d.]+)"(?<attributes>[^>]*)>(?<text>[^<]*)</g;

/** Where each text of a chart begins and ends, from left to right. */
function extents(svg: string): { text: string; from: number; to: number }[] {
  return [...svg.matchAll(TEXT)].map(({ groups }) => {
    const { x, attributes, text } = groups!;
    const size = Number(/font-size="(\d+)"/.exec(attributes)?.[1] ?? 13);
    const characters = text.replaceAll(/&\w+;/g, 'x').length;
    const width = characters * size * CHARACTER;
    const from = attributes.includes('"end"') ? Number(x) - width : Number(x);
    return { text, from, to: from + width };
  });
}

describe('the charts of the benchmarks', () => {
  const charts = readdirSync(FOLDER);

  it('exist', () => {
    expect(charts.length).toBeGreaterThan(20);
  });

  it.each(charts)('show every label in full: %s', (name) => {
    const svg = readFileSync(`${FOLDER}/${name}`, 'utf8');
    const width = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
    const cut = extents(svg).filter(({ from, to }) => from < 0 || to > width);
    expect(cut).toEqual([]);
  });
});
