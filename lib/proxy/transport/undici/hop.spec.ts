import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { Dispatcher } from 'undici';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Hop, HopListener } from './hop.js';
import { UndiciRequest } from './undici-request.js';

const caller = new AsyncLocalStorage<string>();

type Controller = Dispatcher.DispatchController;

/** A hop of a call, and a dispatcher that does nothing by itself. */
function hopOf(headersWithinMs?: number) {
  const told: [what: string, by: string | undefined][] = [];
  const note = (what: string) => () => {
    told.push([what, caller.getStore()]);
  };
  const onError = vi.fn<HopListener['onError']>(note('error'));
  const listener: HopListener = {
    onAnswer: note('answer'),
    onData: note('data'),
    onEnd: note('end'),
    onError,
  };
  const request = new UndiciRequest({
    url: new URL('http://catalog/'),
    path: '/',
    method: 'GET',
    headers: {},
    body: undefined,
    auth: undefined,
  });
  const context = caller.run('its own', () => new AsyncResource('Call'));
  const hop = new Hop(request, listener, context, headersWithinMs);
  const abort = vi.fn<(reason: Error) => void>();
  const controller = { abort, pause: () => {}, resume: () => {} };
  return {
    hop,
    told,
    onError,
    abort,
    controller: controller as unknown as Controller,
  };
}

describe('a hop', () => {
  it('is sent, and tells of its answer, in the async context of its call', () => {
    const { hop, told, controller } = hopOf();
    let sentBy: string | undefined;
    const dispatch = () => {
      sentBy = caller.getStore();
      return true;
    };
    caller.run('another', () => {
      hop.by({ dispatch } as unknown as Dispatcher);
      hop.onRequestStart(controller);
      hop.onResponseStart(controller, 200, {});
      hop.onResponseData(controller, Buffer.from('x'));
      hop.onResponseEnd();
    });
    expect(sentBy).toBe('its own');
    expect(told).toEqual([
      ['answer', 'its own'],
      ['data', 'its own'],
      ['end', 'its own'],
    ]);
    expect(hop.isOver).toBe(true);
  });

  it('passes informational answers over, redirects among them included', () => {
    const { hop, told, controller } = hopOf();
    hop.onRequestStart(controller);
    for (let i = 0; i < 30; i++) {
      hop.onResponseStart(controller, 103, { location: '/x' });
    }
    expect(told).toEqual([]);
  });

  it('tells nothing more once it was left, and closes its connection', () => {
    const { hop, told, abort, controller } = hopOf();
    hop.onRequestStart(controller);
    hop.leave();
    hop.leave();
    hop.onResponseStart(controller, 200, {});
    hop.onResponseError(controller, new Error('late'));
    expect(abort).toHaveBeenCalledOnce();
    expect(told).toEqual([]);
  });

  it('is not sent where it was left before', () => {
    const { hop, abort, controller } = hopOf();
    hop.leave();
    hop.onRequestStart(controller);
    expect(abort).toHaveBeenCalledOnce();
  });

  it('tells whether it was sent before it failed', () => {
    const before = hopOf();
    before.hop.fail(new Error('refused'));
    const details = { wasSent: false, wasUnheard: false };
    expect(before.onError).toHaveBeenCalledWith(expect.any(Error), details);
    const sent = hopOf();
    sent.hop.onRequestStart(sent.controller);
    sent.hop.onResponseError(sent.controller, new Error('broken'));
    expect(sent.onError).toHaveBeenCalledWith(expect.any(Error), {
      ...details,
      wasSent: true,
    });
  });

  it('is given up where its headers are late, and not where its body is', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const late = hopOf(100);
    late.hop.onRequestStart(late.controller);
    vi.advanceTimersByTime(100);
    expect(late.abort).toHaveBeenCalledWith(
      expect.objectContaining({ stage: 'headers' }),
    );
    const slow = hopOf(100);
    slow.hop.onRequestStart(slow.controller);
    slow.hop.onResponseStart(slow.controller, 200, {});
    vi.advanceTimersByTime(1000);
    expect(slow.abort).not.toHaveBeenCalled();
  });
});
