import { setImmediate } from 'node:timers/promises';
import {
  ExecutionContext,
  Injectable,
  Logger,
  OnApplicationShutdown,
  INestApplicationContext,
} from '@nestjs/common';
import { Fault, ThrottleConfigError } from './config/fault.js';
import type { ThrottleOptions } from './config/schema/throttle-options.schema.js';
import { runInSlices, Steps } from './config/steps.js';
import { printable } from './config/format/text.js';
import { followedOptions, FollowedRequests } from './http/followed-requests.js';
import { Explanation, explanation } from './explain/explanation.js';
import { Policies, readPolicies } from './explain/policies.js';
import { BackendClient } from './proxy/backend-client.js';
import {
  changedOptions,
  restartFaults,
  withFixed,
} from './reload/fixed-options.js';
import { WatchedFile } from './reload/watched-file.js';
import {
  configurationIn,
  optionsIn,
  WatchOptions,
} from './reload/watch-options.js';
import { ResolvedConfig, resolveConfig } from './resolve-config.js';
import { ServedRoutes } from './router/declare/served-routes.js';
import { RouteTable } from './router/routes/route-table.js';
import { Router } from './router/router.js';
import { ConfigurationChange, configurationChannel } from './events.js';
import { policiesText } from './explain/policies-text.js';

/** Work that took longer than this was sliced. */
const LONG_MS = 20;

/** Lets operators inspect and change the limits of a running application. */
@Injectable()
export class ThrottleService implements OnApplicationShutdown {
  private readonly logger = new Logger('Floodgate');
  private current: ResolvedConfig;
  private readonly watched: WatchedFile[] = [];
  private isClosed = false;
  /** Updates run one after the other. */
  private updating: Promise<unknown> | undefined;

  /** @internal */
  constructor(
    private readonly startedWith: ThrottleOptions,
    private readonly started: ResolvedConfig,
    private readonly router: Router,
    private readonly backends: BackendClient,
    private readonly served: ServedRoutes,
    private readonly followed: FollowedRequests,
  ) {
    this.current = started;
  }

  /** Every route and backend with its protections, and where each limit is declared. Complete once the application has initialized. */
  get policies(): Policies {
    const { router, served, current } = this;
    const { config, entries, classes } = current;
    return readPolicies({
      config,
      entries,
      classes,
      routes: [...router.table.routes.values()],
      served,
    });
  }

  /**
   * Returns the buckets that the request of a context would be charged to, and
   * how full they are. It charges nothing, but calls the functions of the
   * limits, such as keys, costs and resolvers.
   *
   * @throws whatever those functions throw
   * @example
   * ```ts
   * // In a guard or an interceptor:
   * const { passes, waitMs, buckets } = await throttle.explain(context);
   * if (!passes) logger.log(`wait ${waitMs} ms`, buckets);
   * ```
   */
  explain(context: ExecutionContext): Promise<Explanation> {
    const { enforcer, table } = this.router;
    const isHttp = context.getType() === 'http';
    const enforced = enforcer.routes.find(context)?.for(context);
    const gates = [
      isHttp ? table.service : undefined,
      enforced?.edge,
      enforced?.handler,
    ];
    const present = gates.filter((gate) => gate !== undefined);
    return explanation(present, context);
  }

  /**
   * Replaces the options while the application runs: the limits of all routes
   * change in one step, or none does. Buckets that keep their name keep their
   * fill level, in proportion to their capacity; new ones start full. Call it
   * once the application has initialized.
   *
   * A large configuration is processed in slices, so that requests are served
   * in between. Overlapping updates are applied in call order.
   *
   * @param options all options, as for `forRoot`; those that can't change at
   *   run time may be left out
   * @throws ThrottleConfigError (the promise rejects) with every fault; changes
   *   that need a restart are reported once everything else is valid
   * @example
   * ```ts
   * const throttle = app.get(ThrottleService);
   * await throttle.update({
   *   policies: { search: { maxRate: 50, capacity: 50 } },
   * });
   * ```
   */
  async update(options: ThrottleOptions): Promise<void> {
    const before = this.updating;
    const own = before
      ? before.then(() => this.replace(options))
      : this.replace(options);
    // The next update waits for this one, even if it fails.
    const settled = own.catch(() => undefined);
    this.updating = settled;
    void settled.finally(() => {
      if (this.updating === settled) this.updating = undefined;
    });
    await own;
  }

  private async replace(options: ThrottleOptions): Promise<void> {
    const all = withFixed(options, this.startedWith);
    const beganMs = performance.now();
    const steps = this.prepare(all);
    const { next, table, changed } = await runInSlices(steps);
    // The swap is one step; after long work it gets its own turn of the event loop.
    if (performance.now() - beganMs > LONG_MS) await setImmediate();
    this.router.adopt(table);
    this.followed.change(followedOptions(next.config));
    this.backends.changeAll(next.backends, table.edition);
    this.started.findings.adopt(next.findings);
    this.current = next;
    this.tell(changed);
  }

  /** Does everything that can fail, and changes nothing. */
  private *prepare(options: ThrottleOptions): Steps<{
    next: ResolvedConfig;
    table: RouteTable;
    changed: string[];
  }> {
    const { classes, config } = this.started;
    const next = yield* resolveConfig(options, classes, true);
    const { table, faults } = yield* this.router.next(next);
    const fixed = yield* restartFaults(config, next.config);
    const all: Fault[] = [...fixed, ...faults];
    if (all.length > 0) throw new ThrottleConfigError(all);
    const changed = changedOptions(this.current.config, next.config);
    return { next, table, changed };
  }

  /**
   * Updates the options from a JSON or YAML file now, and whenever it changes.
   * Each option in the file replaces that of `forRoot`; the others keep their
   * `forRoot` value. A file with faults changes nothing, and the reason is
   * logged once. Watching ends with the application.
   *
   * @throws ThrottleConfigError if the file has faults now, or the error of
   *   reading it
   * @example
   * ```ts
   * const app = await NestFactory.create(AppModule);
   * await app.init();
   * await app.get(ThrottleService).watch('limits.yaml');
   * ```
   */
  async watch(file: string, options: WatchOptions = {}): Promise<void> {
    // Loaded only if a file is watched.
    const { parseText } = await import('./krakend/source/parse-text.js');
    if (this.isClosed) return;
    const { read = optionsIn, everyMs = 1000 } = options;
    const apply = async (text: string) => {
      const content = configurationIn(parseText(text, file), file);
      const written = await read(content, file);
      await this.update({ ...this.startedWith, ...written });
    };
    const watched = new WatchedFile(file, apply, everyMs);
    this.watched.push(watched);
    await watched.open().catch((error: unknown) => {
      this.watched.splice(this.watched.indexOf(watched), 1);
      throw error;
    });
  }

  /** Stops watching files; Nest calls it once no more requests are served. */
  onApplicationShutdown(): void {
    this.isClosed = true;
    for (const file of this.watched.splice(0)) file.close();
  }

  private tell(changed: readonly string[]): void {
    const what = changed.length > 0 ? changed.join(', ') : 'nothing';
    this.logger.log(
      `the configuration was replaced; changed: ${printable(what)}`,
    );
    if (configurationChannel.hasSubscribers) {
      configurationChannel.publish({ changed } satisfies ConfigurationChange);
    }
  }
}

/**
 * Returns every route with its limits and where each is declared, then every
 * backend with its protections, as text for logs and snapshot tests. Equal
 * limits give equal text. Call it once the application has initialized.
 *
 * @example
 * ```ts
 * await app.init();
 * logger.log(printPolicies(app));
 * ```
 */
export function printPolicies(app: INestApplicationContext): string {
  return policiesText(app.get(ThrottleService, { strict: false }).policies);
}
