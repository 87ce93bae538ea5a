import { whenNpmIsGone } from './when-npm-is-gone.js';

/** On Ctrl-C, on SIGTERM, or when npm is gone: calls `stop`, once, and ends the process. */
export function onStop(stop: () => Promise<unknown>): void {
  let stopping = false;
  const stopOnce = () => {
    if (stopping) return;
    stopping = true;
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', stopOnce);
  process.on('SIGTERM', stopOnce);
  whenNpmIsGone(stopOnce);
}
