const NAME_LENGTH = 64;

/** Gives backends the names under which code calls them. */
export class BackendNames {
  private readonly taken = new Map<string, string>();

  /**
   * The name of all that is called at `hosts` without a limit or breaker of its
   * own: the host, as in `catalog`.
   */
  ofHosts(hosts: readonly string[]): string {
    const { hostname, host } = new URL(hosts[0]);
    return this.free([hostname, host], `hosts ${hosts.join()}`);
  }

  /** The name of one entry with counters of its own: `GET:products.id:catalog`. */
  ofEntry(key: string, hosts: readonly string[], identity: string): string {
    const [method, path] = key.split(' ');
    const words = path.match(/[\w.-]+/g) ?? ['root'];
    const { hostname } = new URL(hosts[0]);
    return this.free([`${method}:${words.join('.')}:${hostname}`], identity);
  }

  /** The first candidate that is free or means the same already, else the last with a number. */
  private free(candidates: readonly string[], identity: string): string {
    const allowed = candidates.map((text) => allowedName(text));
    for (const name of allowed) if (this.takes(name, identity)) return name;
    const last = allowed.at(-1)!;
    for (let n = 2; ; n++) {
      const numbered = allowedName(`${last}:${n}`, `:${n}`);
      if (this.takes(numbered, identity)) return numbered;
    }
  }

  private takes(name: string, identity: string): boolean {
    if ((this.taken.get(name) ?? identity) !== identity) return false;
    this.taken.set(name, identity);
    return true;
  }
}

/** Only what may stand in a name, its end kept where it is too long. */
function allowedName(text: string, end = ''): string {
  const clean = text.replaceAll(/[^\w.:-]/g, '');
  const name =
    clean.length > NAME_LENGTH
      ? clean.slice(0, NAME_LENGTH - end.length) + end
      : clean;
  return name === '' || name in Object.prototype ? `backend-${name}` : name;
}
