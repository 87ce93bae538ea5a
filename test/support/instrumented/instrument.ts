import { oncePerProcess, SpanBook, watchWith } from '../instrumentation.js';
import { spanEachCall } from './span-each-call.js';

// Nest's own `instrument`, by a decorator whose wrappers carry no metadata.

const watching = oncePerProcess('instrument', () => {
  const spans = new SpanBook();
  const begin = (name: string) => {
    const span = {};
    spans.begin(span, name);
    return () => spans.end(span);
  };
  const instanceDecorator = spanEachCall(begin, false);
  return { spans, options: { instrument: { instanceDecorator } } };
});

watchWith(watching, 'OnlyHere.onModuleInit');
