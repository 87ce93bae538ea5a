import { describe, expect, it, vi } from 'vitest';
import { Refusal, refusalBy, RefusalForm } from './refusal.js';
import {
  ClientDeniedException,
  ClientRateLimitedException,
} from './refusals.js';

type MakeRefusal = ConstructorParameters<typeof RefusalForm>[0];

describe('a refusal', () => {
  it('makes an exception only where one is asked for', () => {
    const make = vi.fn<MakeRefusal>(
      (ms) => new ClientRateLimitedException(['a'], ms),
    );
    const form = new RefusalForm(make);
    const known = make.mock.calls.length;
    const refusals = [form.refuse(1500), form.refuse(), form.refuse(20)];
    expect(make).toHaveBeenCalledTimes(known);

    const [first, never] = refusals;
    expect(first.exception()).toBeInstanceOf(ClientRateLimitedException);
    expect(first.exception().retryAfterMs).toBe(1500);
    expect(never.exception().retryAfterMs).toBeUndefined();
  });

  it('has the status and the document of its exception', () => {
    const { form } = new RefusalForm(
      (ms) => new ClientRateLimitedException(['a', 'b'], ms),
    ).refuse(1);
    const exception = new ClientRateLimitedException(['a', 'b']);
    expect(form.status).toBe(429);
    expect(form.refusedBy).toEqual(['a', 'b']);
    expect(JSON.parse(form.body)).toEqual(exception.problem);
  });

  it('that a rule threw throws the same exception again', () => {
    const thrown = new ClientDeniedException(['staff']);
    const refusal = refusalBy(thrown);
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal.exception()).toBe(thrown);
    expect(refusal.form).toMatchObject({ status: 403, refusedBy: ['staff'] });
  });
});
