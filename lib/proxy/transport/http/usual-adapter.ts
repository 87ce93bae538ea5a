import axios, { getAdapter } from 'axios';

/** Whether axios sends over Node's client by default; an application, or a test, may have put another adapter there. */
export function isAdapterUsual(): boolean {
  try {
    return getAdapter(axios.defaults.adapter) === getAdapter('http');
  } catch {
    return false; // names that axios does not know, as it will tell with each call
  }
}
