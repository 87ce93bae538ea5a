import { describe, expect, it } from 'vitest';
import { after, answer } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  it('sends waiting calls of higher priority first and each priority in order', async () => {
    const upstream = await upstreamForTest(after(50, answer()));
    const catalog = backendForTest(upstream.url, {
      timeout: '10s',
      concurrency: { maxConcurrent: 1, onLimit: 'wait', maxWait: '9s' },
    });
    const urgent = catalog.with({ priority: 1 });
    const first = catalog.get('/first');
    await eventually(() => upstream.arrivals.length === 1);
    await Promise.all([
      first,
      catalog.get('/low-1'),
      urgent.get('/high-1'),
      catalog.get('/low-2'),
      urgent.get('/high-2'),
    ]);
    const paths = upstream.arrivals.map(({ request }) => request.url);
    expect(paths).toEqual(['/first', '/high-1', '/high-2', '/low-1', '/low-2']);
  });
});
