import { createHash } from 'node:crypto';
import { Argument, Command, RedisLink } from './link/redis-link.js';

/** A Lua script, known to Redis by its SHA-1. */
export class Script {
  private readonly sha: string;

  constructor(private readonly text: string) {
    this.sha = createHash('sha1').update(text).digest('hex');
  }

  /**
   * Runs it where the first key lives. A server that does not know the script
   * has run nothing, so it is sent the whole of it, once. Nothing else is ever
   * sent twice: what failed otherwise may have counted.
   */
  run(
    link: RedisLink,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    const running = link.send(keys[0], ['evalsha', this.sha, ...rest]);
    return running.catch((error: unknown) => {
      if (!isUnknownScript(error)) throw error;
      const whole: Command = ['eval', this.text, ...rest];
      return link.send(keys[0], whole);
    });
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}
