import type { Document } from './documents.js';
import { markdownLines } from './markdown-lines.js';

/** One block of TypeScript in a page: a module that must compile as it stands. */
export interface CodeBlock {
  /** The page it is in. */
  readonly page: string;
  /** The line of its opening fence. */
  readonly line: number;
  readonly code: string;
  /** Whether it is part of something larger, so that it may declare what nobody reads. */
  readonly isFragment?: boolean;
}

export function codeBlocks({ path, text }: Document): CodeBlock[] {
  const blocks = new Map<number, string[]>();
  for (const line of markdownLines(text)) {
    if (!/^(ts|typescript)$/.test(line.language ?? '')) continue;
    const code = blocks.get(line.fence!) ?? [];
    blocks.set(line.fence!, [...code, line.text]);
  }
  return [...blocks].map(([line, code]) => ({
    page: path,
    line,
    code: code.join('\n'),
  }));
}
