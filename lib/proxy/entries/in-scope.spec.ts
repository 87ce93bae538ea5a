import {
  defer,
  firstValueFrom,
  isObservable,
  lastValueFrom,
  Observable,
  timer,
} from 'rxjs';
import { map } from 'rxjs/operators';
import { describe, expect, it } from 'vitest';
import { callScope } from '../../http/call-scope.js';
import { inScope } from './in-scope.js';

const scope = {};
const present = () => callScope.getStore();

describe('inScope', () => {
  it('returns and throws what the work returns and throws', () => {
    expect(inScope(scope, () => 42)).toBe(42);
    expect(() =>
      inScope(scope, () => {
        throw new RangeError('no');
      }),
    ).toThrow(RangeError);
  });

  it('keeps the scope after an await', async () => {
    const seen = inScope(scope, async () => {
      await Promise.resolve();
      return present();
    });
    expect(await seen).toBe(scope);
  });

  it('keeps the scope when the observable is subscribed to later elsewhere', async () => {
    const lazy = inScope(scope, () => defer(async () => present()));
    expect(isObservable(lazy)).toBe(true);
    expect(present()).toBeUndefined();
    expect(await firstValueFrom(lazy as Observable<unknown>)).toBe(scope);
  });

  it('keeps the scope in operators that run after a timer', async () => {
    const ticking = inScope(scope, () => timer(1).pipe(map(present)));
    expect(await lastValueFrom(ticking as Observable<unknown>)).toBe(scope);
  });

  it('passes on unsubscription', () => {
    let isStopped = false;
    const endless = inScope(
      scope,
      () =>
        new Observable(() => () => {
          isStopped = true;
        }),
    ) as Observable<unknown>;
    endless.subscribe().unsubscribe();
    expect(isStopped).toBe(true);
  });
});
