import { describe, expect, it } from 'vitest';
import { Notice } from '../../fleet.js';
import { NoticeBoard } from './notice-board.js';

/** A board that listens to one topic, and what it heard last. */
function listening(topic = 'pause:catalog') {
  const board = new NoticeBoard('me');
  const last: { notices: readonly Notice[]; instances: number } = {
    notices: [],
    instances: 0,
  };
  board.listen(topic, (notices, instances) =>
    Object.assign(last, { notices, instances }),
  );
  return { board, last };
}

/** A line of Redis: what is left, when it ends there, who says it about what. */
const line = (leftMs: number, endsAt: number, from: string, topic: string) =>
  `${leftMs} ${endsAt} ${from}|${encodeURIComponent(topic)}`;

describe('NoticeBoard', () => {
  it('sends a notice to Redis with its lifetime until Redis lists it', () => {
    const { board } = listening();
    board.tell('pause:a b|c', 1_000);
    const told = ['me|pause%3Aa%20b%7Cc', '900'];
    expect(board.takeUntold(100)).toEqual(told);
    expect(board.takeUntold(100)).toEqual([]);
    board.hear('', 1, 100);
    expect(board.takeUntold(100)).toEqual(told);
    board.hear(line(900, 9_900, 'me', 'pause:a b|c'), 1, 100);
    expect(board.takeUntold(100)).toEqual([]);
  });

  it('sends nothing that has expired, and withdraws it when Redis still lists it', () => {
    const { board } = listening();
    board.tell('x', 1_000);
    board.takeUntold(0);
    board.hear(line(5_000, 9_000, 'me', 'x'), 1, 1_001);
    expect(board.takeUntold(1_001)).toEqual(['me|x', '0']);
  });

  it('withdraws a notice on request', () => {
    const { board } = listening();
    board.tell('x', 1_000);
    board.takeUntold(0);
    board.tell('x', 5);
    expect(board.takeUntold(10)).toEqual(['me|x', '0']);
  });

  it('receives what others publish on its topics and nothing else', () => {
    const { board, last } = listening();
    const reply = [
      line(500, 9_000, 'you', 'pause:catalog'),
      line(500, 9_000, 'me', 'pause:catalog'),
      line(500, 9_000, 'you', 'pause:other'),
      'nonsense',
      '1 2 you|%',
    ].join('\n');
    board.hear(reply, 3, 100);
    expect(last).toEqual({
      notices: [expect.objectContaining({ from: 'you', untilMs: 600 })],
      instances: 3,
    });
    board.hear('', 3, 200);
    expect(last.notices).toEqual([]);
  });

  it('keeps the end of a notice as first received, however late answers are', () => {
    const { board, last } = listening();
    board.hear(line(500, 9_000, 'you', 'pause:catalog'), 2, 100);
    board.hear(line(400, 9_000, 'you', 'pause:catalog'), 2, 300);
    expect(last.notices).toMatchObject([{ untilMs: 600 }]);
    board.hear(line(700, 9_500, 'you', 'pause:catalog'), 2, 300);
    expect(last.notices).toMatchObject([{ untilMs: 1_000 }]);
  });

  it('trusts no notice for longer than a day', () => {
    const { board, last } = listening();
    board.hear(line(1e12, 9e12, 'you', 'pause:catalog'), 2, 0);
    expect(last.notices).toMatchObject([{ untilMs: 86_400_000 }]);
  });
});
