import { describe, expect, it } from 'vitest';
import { moduleState, stateIn } from './module-state.js';

/** A schema: made when it is first needed, the same for every application, never changed. */
const SCHEMA = 'a lazy schema, the same for every application';

/** What may outlive an application, and why. */
const JUSTIFIED: Record<string, string> = {
  'lib/cli/traffic/log-time.ts: lastText':
    'the command line is a process of its own; remembers one line',
  'lib/cli/traffic/log-time.ts: lastTime':
    'the command line is a process of its own; remembers one line',
  'lib/config/schema/backend-limit.schema.ts: limitShape': SCHEMA,
  'lib/config/schema/choice-fields.ts: choiceShape': SCHEMA,
  'lib/config/schema/choice-fields.ts: modeShape': SCHEMA,
  'lib/config/schema/choice-fields.ts: phaseShape': SCHEMA,
  'lib/config/schema/limit-fields.ts: chargeShape': SCHEMA,
  'lib/config/schema/limit-fields.ts: clientShape': SCHEMA,
  'lib/config/schema/limit-fields.ts: figuresShape': SCHEMA,
  'lib/config/schema/limit-fields.ts: nameShape': SCHEMA,
  'lib/config/schema/router-limit.schema.ts: handlerShape': SCHEMA,
  'lib/config/schema/router-limit.schema.ts: limitShape': SCHEMA,
  'lib/http/call-scope.ts: callScope':
    'holds nothing outside a running call; remainingTimeMs() needs no application',
  'lib/proxy/inject-backend.decorator.ts: named':
    'names in decorators, which run before any application exists',
  'lib/router/transport/connection-caller.ts: waiting':
    'weak: an entry ends with its connection',
  'lib/router/transport/upgrade-requests.ts: upgrades':
    'weak: an entry ends with its client',
};

describe('the modules of the library', () => {
  it('hold no state that outlives its application, besides what is justified', () => {
    expect(moduleState()).toEqual(Object.keys(JUSTIFIED).toSorted());
  });
});

describe('the search for module state', () => {
  it.each([
    'let a = 1;',
    'var a;',
    'const a = new Map<string, number>();',
    'const a = new AsyncLocalStorage<object>();',
    'const a = new Set([1]); a.add(2);',
    'const a: string[] = [];',
    'const a = ["x"]; export const add = () => a.push("y");',
    'const a = { b: 1 }; export const set = () => { a.b = 2; };',
    'const a = memoize(() => 1);',
    'class A { static count = 0; }',
    'class A { static readonly all = new Map(); }',
  ])('finds %s', (text) => {
    expect(stateIn(text)).toHaveLength(1);
  });

  it.each([
    'const a = 1;',
    'const a: ReadonlySet<number> = new Set([1]);',
    'const a: readonly string[] = [];',
    'const a = () => { let b = 1; return b++; };',
    'class A { static readonly LIMIT = 5; count = 0; }',
  ])('leaves %s alone', (text) => {
    expect(stateIn(text)).toEqual([]);
  });
});
