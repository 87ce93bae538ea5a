import type { Answer } from '../evidence.js';
import { Tally } from '../tally.js';

/** `200 ×53, 429 ×187`. */
export function statuses(answers: readonly Answer[]): string {
  return String(new Tally(answers.map(({ status }) => status)));
}

/** Whether there were answers, all with one of these statuses. */
export function allAre(
  answers: readonly Answer[],
  ...allowed: number[]
): boolean {
  return (
    answers.length > 0 &&
    answers.every(({ status }) => allowed.includes(status))
  );
}

/** Whether there were answers, and none with one of these statuses. */
export function noneIs(
  answers: readonly Answer[],
  ...unwanted: number[]
): boolean {
  return (
    answers.length > 0 &&
    answers.every(({ status }) => !unwanted.includes(status))
  );
}

/** Whether each of these statuses occurred. */
export function seen(answers: readonly Answer[], ...wanted: number[]): boolean {
  return wanted.every((status) => answers.some((one) => one.status === status));
}
