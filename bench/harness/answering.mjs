/** What the parent process asked this one to be. */
export function settings() {
  return JSON.parse(process.argv[2]);
}

/**
 * Says that this process is ready and answers every question with what
 * `answer` makes of it, until the parent is gone.
 */
export function answerWith(answer, ready = {}) {
  process.on('message', async (question) => {
    try {
      process.send({ answer: await answer(question) });
    } catch (error) {
      process.send({ error: error.stack ?? String(error) });
    }
  });
  process.on('disconnect', () => process.exit());
  process.send({ answer: ready });
}
