import { useData } from 'vitepress';
import { defineComponent, h, onMounted, ref, watch } from 'vue';

let drawn = 0;

/** Draws a diagram in the browser, anew when the theme changes; until then, and without scripts, shows its source. */
export const MermaidDiagram = defineComponent({
  props: { code: { type: String, required: true } },
  setup(props) {
    const source = decodeURIComponent(props.code);
    const svg = ref('');
    const { isDark } = useData();
    const draw = async () => {
      // Loaded by pages that have a diagram only.
      const { default: mermaid } = await import('mermaid');
      mermaid.initialize({
        startOnLoad: false,
        theme: isDark.value ? 'dark' : 'neutral',
        fontFamily: 'inherit',
      });
      const result = await mermaid.render(`diagram-${drawn++}`, source);
      svg.value = result.svg;
    };
    onMounted(draw);
    watch(isDark, draw);
    return () =>
      svg.value
        ? h('div', { class: 'mermaid-diagram', innerHTML: svg.value })
        : h('pre', { class: 'mermaid-diagram' }, source);
  },
});
