import type { Transition } from './evidence.js';

/** What the gateway's process tells the demo. */
export type GatewayMessage =
  | { kind: 'warning'; text: string }
  | { kind: 'transitions'; transitions: Transition[] };

/** Asks for the transitions of all breakers so far. */
export const TELL_TRANSITIONS = 'transitions';
