const LOOK_EVERY_MS = 500;

/**
 * Calls back when the shell under `npm run` has ended: npm passes a signal on to
 * that shell, which dies of it without telling the process it waits for.
 */
export function whenNpmIsGone(callback: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    callback();
  }, LOOK_EVERY_MS);
  timer.unref();
}
