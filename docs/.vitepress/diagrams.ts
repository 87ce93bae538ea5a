import type { MarkdownRenderer } from 'vitepress';

/** Gives every block of Mermaid to the component that draws it; others stay as they are. */
export function renderDiagrams(markdown: MarkdownRenderer): void {
  const { fence } = markdown.renderer.rules;
  markdown.renderer.rules.fence = (tokens, index, ...rest) => {
    const { info, content } = tokens[index];
    if (info.trim() !== 'mermaid') return fence!(tokens, index, ...rest);
    // Encoded, so that nothing in it is read as a template.
    return `<MermaidDiagram code="${encodeURIComponent(content)}" />`;
  };
}
