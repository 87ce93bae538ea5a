import {
  ExecutionContext,
  Injectable,
  Logger,
  OnApplicationShutdown,
} from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Blueprint, drawBlueprint } from './blueprint.js';
import { Fault, ThrottleConfigError } from './config/fault.js';
import type { ThrottleOptions } from './config/schema/throttle-options.schema.js';
import { Explanation, explanation } from './explain/explanation.js';
import { Policies, readPolicies } from './explain/policies.js';
import {
  changedOptions,
  restartFaults,
  withFixed,
} from './reload/fixed-options.js';
import { WatchedFile } from './reload/watched-file.js';
import { optionsIn } from './reload/watch-options.js';
import type { WatchOptions } from './reload/watch-options.js';
import { ConfiguredRoutes } from './router/configured/configured-routes.js';
import { ServedRoutes } from './router/configured/served-routes.js';
import { DeclaredRoute } from './router/declared-route.js';
import { BoundInterceptors } from './router/bound-interceptors.js';
import { RouteGates } from './router/route-gates.js';
import { needsRestart } from './reload/needs-restart.js';
import { BackendClient } from './proxy/backend-client.js';
import { ServiceLimit } from './router/service-limit.js';
import {
  ConfigurationChange,
  configurationChannel,
} from './telemetry/configuration-channel.js';

/** The limits of an application in the hands of whoever operates it. */
@Injectable()
export class ThrottleService implements OnApplicationShutdown {
  private readonly logger = new Logger('Floodgate');
  private current: Blueprint;
  private readonly watched: WatchedFile[] = [];
  private isClosed = false;

  /** @internal */
  constructor(
    private readonly startedWith: ThrottleOptions,
    private readonly started: Blueprint,
    private readonly gates: RouteGates,
    private readonly service: ServiceLimit | undefined,
    private readonly interceptors: BoundInterceptors,
    private readonly backends: BackendClient,
    private readonly served: ServedRoutes,
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {
    this.current = started;
  }

  /** Every route and backend with what protects it, and where each limit came from. Complete once the application has initialised. */
  get policies(): Policies {
    const { gates, served, discovery, scanner } = this;
    const { config, entries } = this.current;
    const parts = { gates, served, discovery, scanner };
    return readPolicies({ config, entries, ...parts });
  }

  /**
   * The buckets that the request of a context would meet, and how full they
   * are. It is charged nothing; functions of its limits, such as keys, costs
   * and resolvers, are asked.
   *
   * @throws what those functions throw
   */
  explain(context: ExecutionContext): Promise<Explanation> {
    const { service } = this;
    const isHttp = context.getType() === 'http';
    const route = this.gates.of(context.getHandler(), context.getClass());
    const gates = route?.gates;
    const all = isHttp
      ? [service?.gate, gates?.beforeGuards, gates?.afterGuards]
      : [gates?.elsewhere];
    const present = all.filter((gate) => gate !== undefined);
    return explanation(present, context);
  }

  /**
   * Replaces the options of the application while it runs: the limits of all
   * routes change in one step, or nothing does. Buckets of the same name stay
   * as full as they are, in proportion to their capacity; new ones start full.
   * To be called once the application has initialised.
   *
   * @param options all of them, as `forRoot` takes them; those that cannot change may be left out
   * @throws ThrottleConfigError with every fault; those of changes that need a restart are told once all else is right
   */
  update(options: ThrottleOptions): void {
    const { discovery, scanner } = this;
    const all = withFixed(options, this.startedWith);
    const next = drawBlueprint(all, discovery, scanner, true);
    const gates = this.gates.next(next);
    const routes = this.routesOf(next);
    const faults = [...this.restartFaults(next), ...this.missed(routes, gates)];
    if (faults.length > 0) throw new ThrottleConfigError(faults);
    gates.build(routes);
    gates.make();
    const ofAll = gates.service();
    const changed = changedOptions(this.current.config, next.config);
    this.gates.adopt(gates);
    if (this.service) this.service.gate = ofAll;
    for (const [name, config] of next.backends) {
      this.backends.backend(name).change(config, gates.edition);
    }
    this.started.findings.adopt(next.findings);
    this.current = next;
    this.tell(changed);
  }

  /**
   * Updates from a file, JSON or YAML, now and whenever it changes. Each option
   * that the file names replaces that of `forRoot`; the others stay as they are
   * there. A file with faults changes nothing: the log says why, once. Ends
   * with the application.
   *
   * @throws ThrottleConfigError when the file has faults now, or the error of reading it
   */
  async watch(file: string, options: WatchOptions = {}): Promise<void> {
    // Only whoever watches a file needs a parser.
    const { parseText } = await import('./krakend/source/parse-text.js');
    if (this.isClosed) return;
    const { read, everyMs = 1000 } = options;
    const apply = (text: string) => {
      const content = parseText(text, file);
      const written = read ? read(content) : optionsIn(content, file);
      this.update({ ...this.startedWith, ...written });
    };
    const watched = new WatchedFile(file, apply, everyMs);
    watched.open();
    this.watched.push(watched);
  }

  /** Stops watching files; Nest calls it when nothing is answered any more. */
  onApplicationShutdown(): void {
    this.isClosed = true;
    for (const file of this.watched.splice(0)) file.close();
  }

  /** What stands in the way of requests only where the application started with it. */
  private restartFaults(next: Blueprint): Fault[] {
    const { started } = this;
    const faults = restartFaults(started.config, next.config);
    if (next.config.service && !this.service) {
      const allowed = 'nothing, in an application that started without one';
      faults.push(needsRestart('service', allowed));
    }
    if (next.hasGuardPhase && !started.hasGuardPhase) {
      const allowed =
        '"interceptor", in an application that started without any limit of phase "guard"';
      faults.push(needsRestart('phase', allowed));
    }
    return faults;
  }

  private missed(routes: readonly DeclaredRoute[], next: RouteGates): Fault[] {
    return this.interceptors
      .missed(routes, next)
      .map(({ option, label }) =>
        needsRestart(
          option,
          `nothing for ${label}, in whose module no request was bounded or settled at the start`,
        ),
      );
  }

  /** All limited handlers, those included whose limits are those of their routes. */
  private routesOf(next: Blueprint): DeclaredRoute[] {
    const { configuredRoutes, routes, findings } = next;
    const { served, gates } = this;
    const configured = new ConfiguredRoutes(
      configuredRoutes,
      routes,
      served,
      gates,
      findings,
    );
    const declared = routes.filter(({ isConfigured }) => !isConfigured);
    return [...declared, ...configured.complete()];
  }

  private tell(changed: readonly string[]): void {
    const what = changed.length > 0 ? changed.join(', ') : 'nothing';
    this.logger.log(`the configuration was replaced; changed: ${what}`);
    if (configurationChannel.hasSubscribers) {
      configurationChannel.publish({ changed } satisfies ConfigurationChange);
    }
  }
}
