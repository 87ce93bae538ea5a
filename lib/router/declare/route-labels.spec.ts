import { describe, expect, it } from 'vitest';
import { RouteLabels } from './declared-routes.js';

describe('RouteLabels', () => {
  it('yields each label once', () => {
    const labels = new RouteLabels();
    const asked = [
      'a.find',
      'a.find#2',
      'b.find',
      'a.find',
      'a.find',
      'a.find#2',
    ];
    const given = asked.map((label) => labels.unique(label));
    expect(given.slice(0, 3)).toEqual(['a.find', 'a.find#2', 'b.find']);
    expect(new Set(given).size).toBe(asked.length);
  });
});
