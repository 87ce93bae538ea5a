import type { Judge } from './verdict.js';

export const nothingIsLeftBehind: Judge = ({ endedByThemselves }) => ({
  promise: 'app.close() leaves nothing behind that keeps a process alive',
  kept: endedByThemselves,
  detail: endedByThemselves
    ? 'gateway and backends ended by themselves'
    : 'a process had to be ended',
});
