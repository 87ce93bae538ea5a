import { neverAnswer } from '../../../../support/backend-behaviours.js';
import type { Difference, ParityCase } from '../../../../support/parity.js';

const late = (name: string, config: object, row?: Difference): ParityCase => ({
  name,
  serve: ({ upstream }) => upstream.on('/x', neverAnswer()),
  send: (client) => client.get('/x', config),
  differs: () => row,
});

const DEADLINE: Difference = {
  row: 'An expired timeout',
  instead: { got: { thrown: { code: 'ETIMEDOUT', isAxiosError: true } } },
};

/** How a call ends that takes too long. */
export const timeouts: readonly ParityCase[] = [
  {
    name: 'is answered within its timeout',
    send: (client) => client.get('/x', { timeout: 5000 }),
  },
  {
    name: 'is answered within a timeout that is written as a text',
    send: (client) => client.get('/x', { timeout: '5000' as never }),
  },
  ...[{}, 'soon', [], Number.NaN].map((timeout): ParityCase => ({
    name: `reads or refuses the timeout ${JSON.stringify(timeout)}`,
    send: (client) => client.get('/x', { timeout: timeout as never }),
  })),
  late(
    'gives up after a timeout that is written as a text',
    { timeout: '50' },
    DEADLINE,
  ),
  late('gives up after its timeout', { timeout: 50 }, DEADLINE),
  late(
    'says so in the words of the caller',
    { timeout: 50, timeoutErrorMessage: 'too late' },
    DEADLINE,
  ),
  late(
    'gives up a stream after its timeout',
    { timeout: 50, responseType: 'stream' },
    DEADLINE,
  ),
];
