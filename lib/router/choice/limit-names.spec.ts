import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketId, idBeneath } from '../../stores/bucket-id.js';
import { TierFields } from '../../config/schema/choice-fields.js';
import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { RouteLimit } from '../declare/declared-route.js';
import {
  bothIds,
  HandlerNames,
  namesUnder,
  BucketScope,
} from './limit-names.js';
import { namedTiers } from './tier-choice.js';

const base: RouterLimit = { everyMs: 1000, cost: 1 };
const rates: RouterLimit = { ...base, maxRate: 5, clientMaxRate: 2 };
const scopes: BucketScope[] = ['endpoint', 'client'];

/** Names that hold what ids are joined with, often the same ones. */
const name = fc
  .array(fc.constantFrom('x', 'y', ':', 'client'), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.join(''));

const limits = fc.array(
  fc.record({
    name: fc.option(name, { nil: undefined }),
    tiers: fc.array(name, { maxLength: 3 }),
    shared: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Who draws from the buckets of each id, as a text that tells all apart. */
function ownersOf(route: string, written: readonly RouteLimit[], at: number) {
  const names = new HandlerNames(route, written);
  return written.flatMap((one, i): [id: string, owner: string][] => {
    const { tiers } = one.limit;
    const shared = one.shared ? ['shared', one.name] : [at, i];
    if (!tiers) {
      const idOf = names.buckets(one);
      return scopes.map((scope) => [
        idOf(scope).id,
        JSON.stringify([...shared, scope]),
      ]);
    }
    const whole = names.whole(one, 'tier');
    const chosen = tiers.map(
      (_, place) =>
        [
          namedTiers(one.limit, tiers, whole)[place].name,
          ['tier', place],
        ] as const,
    );
    const named = tiers.map(
      (tier) =>
        [
          namesUnder(whole).whole({ name: tier.name, limit: rates }, ''),
          ['tier', tiers.indexOf(tier)],
        ] as const,
    );
    return [...chosen, ...named].flatMap(([beneath, owner]) =>
      scopes.map((scope): [string, string] => [
        bothIds(beneath)(scope).id,
        JSON.stringify([...shared, ...owner, scope]),
      ]),
    );
  });
}

describe('bucket ids', () => {
  it('belong to one owner each, whatever characters names contain', () => {
    const held = fc.property(
      fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
      limits,
      (routes, written) => {
        const known = new Map<string, string>();
        const sharedTiers = new Map<string, string[]>();
        for (const [at, route] of routes.entries()) {
          const all = written.map(({ name, tiers, shared }): RouteLimit => {
            const isShared = shared && name !== undefined;
            // A shared policy is the same wherever it is named.
            const own = [...new Set(tiers)];
            const names = isShared ? (sharedTiers.get(name) ?? own) : own;
            if (isShared) sharedTiers.set(name, names);
            const fields = names.map(
              (tier) => ({ name: tier, when: 'a' }) as TierFields,
            );
            return {
              name,
              shared: isShared,
              limit: fields.length > 0 ? { ...base, tiers: fields } : rates,
            };
          });
          for (const [id, owner] of ownersOf(route, all, at)) {
            expect(known.get(id) ?? owner).toBe(owner);
            known.set(id, owner);
          }
        }
      },
    );
    fc.assert(held, { numRuns: 3_000 });
  });

  it('differ whenever any name that leads to them differs', () => {
    const path = fc.array(name, { minLength: 1, maxLength: 2 });
    const held = fc.property(path, path, (one, other) => {
      expect(bucketId(...one) === bucketId(...other)).toBe(
        JSON.stringify(one) === JSON.stringify(other),
      );
      expect(idBeneath(bucketId(one[0]), ...one.slice(1), 'x')).toBe(
        bucketId(...one, 'x'),
      );
    });
    fc.assert(held, { numRuns: 3_000 });
  });

  it('are readable', () => {
    expect(bucketId('policy', 'search', 'client')).toBe('policy:search:client');
    expect(bucketId('policy', 'plans:gold')).toBe('policy:plans%3Agold');
  });
});

describe('the names of policies in one header field', () => {
  const names = fc.constantFrom('a', 'b', 'a.b', 'a.1', 'b.a', 'a-2', 'client');
  const written = fc.array(
    fc.record({
      name: fc.option(names, { nil: undefined }),
      tiers: fc.uniqueArray(names, { maxLength: 3 }),
      shared: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  );

  it('are never those of two policies, whatever limits, tiers and shared policies are called', () => {
    const held = fc.property(written, (wanted) => {
      // A shared policy is one limit, wherever it stands.
      const firstOf = new Map<string, (typeof wanted)[number]>();
      const entries = wanted.map((entry) => {
        const { name, shared } = entry;
        if (!shared || name === undefined) return entry;
        const first = firstOf.get(name) ?? entry;
        firstOf.set(name, first);
        return first;
      });
      const limits = entries.map(({ name, tiers, shared }): RouteLimit => {
        const choices = tiers.map((tier) => ({ ...rates, name: tier }));
        const limit = tiers.length === 0 ? rates : { ...base, tiers: choices };
        return { name, limit, shared: shared && name !== undefined };
      });
      const given = new HandlerNames('route', limits, ['service']);
      const bucketsOf = new Map<string, Set<string>>();
      const note = (label: string, id: string) =>
        bucketsOf.set(label, (bucketsOf.get(label) ?? new Set()).add(id));
      for (const limit of limits) {
        const { tiers } = limit.limit;
        if (tiers) {
          const whole = given.whole(limit, 'tier');
          for (const { name } of namedTiers(limit.limit, tiers, whole)) {
            note(name.label, name.base);
          }
        } else {
          const buckets = given.buckets(limit);
          const { policy, id } = buckets('client');
          note(policy, id);
        }
      }
      for (const ids of bucketsOf.values()) expect(ids.size).toBe(1);
      expect(bucketsOf.has('service')).toBe(false);
    });
    fc.assert(held, { numRuns: 2_000 });
  });

  it('are not those of what a resolver names either', () => {
    const gold: RouteLimit = { name: 'gold', limit: rates };
    const names = new HandlerNames('route', [gold]);
    expect(names.whole(gold, '').label).toBe('gold');
    const resolver = (name: string) =>
      namesUnder(names.whole({ name, limit: base }, 'resolved'));
    const [one, other] = [resolver('contract'), resolver('contract')];
    const shared: RouteLimit = { name: 'pool', limit: rates, shared: true };
    expect(one.whole(gold, '').label).toBe('gold-2');
    expect(one.whole(gold, '').label).toBe('gold-2');
    expect(other.whole(gold, '').label).toBe('gold-3');
    expect(one.whole(shared, '').label).toBe('pool');
    expect(other.whole(shared, '').label).toBe('pool');
  });
});
