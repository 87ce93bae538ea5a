/** What a child process offers to the process that started it. */
export interface Service {
  port: number;
  /** Lets go of everything that keeps the process alive. */
  stop(): Promise<unknown>;
}

/**
 * The child's side of {@link Child}: tells the parent its port, stops when
 * asked to, and never outlives the parent. However that ends, even killed
 * hard, the channel between the two closes.
 */
export function serveParent({ port, stop }: Service): void {
  const orphaned = () => process.exit();
  process.once('disconnect', orphaned);
  // Ctrl-C reaches every process of the terminal; the parent decides when we go.
  process.on('SIGINT', () => {});

  process.on('message', (message) => {
    if (message !== 'stop') return;
    process.off('disconnect', orphaned);
    // No process.exit() here: if stop() forgot something, the parent shall see it.
    stop().then(
      () => process.disconnect(),
      () => process.exit(1),
    );
  });

  process.send?.({ port });
}
