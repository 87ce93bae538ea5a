import type { Difference, ParityCase } from '../../../support/parity.js';

/** A difference over undici, with every axios. */
export const overUndici =
  (row: string, instead: object): ParityCase['differs'] =>
  ({ transport }): Difference | undefined =>
    transport === 'undici' ? { row, instead } : undefined;

/** A difference over undici with an older axios: there it does as the newest. */
export const asTheNewest =
  (row: string, instead: object): ParityCase['differs'] =>
  ({ transport, minor }): Difference | undefined =>
    transport === 'undici' && minor < 13 ? { row, instead } : undefined;

/** What a status below 400 fails with, where it is not taken. */
export const codeBelow400 = asTheNewest('The code of a status below 400', {
  got: { thrown: { code: 'ERR_BAD_RESPONSE' } },
});

/** The error of an answer that breaks off, or cannot be decoded. */
export const brokenAnswer = asTheNewest(
  'The error of a response that breaks off in its body',
  { got: { thrown: { response: {} } } },
);
