import { fieldOf, Section, sectionOf } from '../enforced/go-value.js';
import { Place, reportOnce, shown } from '../krakend-finding.js';
import type { KrakendFinding } from '../krakend-finding.js';
import { KNOWN_SECTIONS } from './known-sections.js';
import {
  ConfigLevel,
  setting,
  refuses,
  Unimported,
} from './unimported-sections.js';

const ROUTES = setting(
  'It changes which endpoint or host a request means.',
  'Do that in your proxy or in a middleware.',
);
const IP_FILTER = refuses(
  'Requests from addresses that it names, or from all others, get 403.',
  'Use allow and deny of a limit, a middleware or your proxy.',
);

/** Plugins that ship with KrakenD; all others are custom code. */
const PLUGINS = new Map<string, Unimported>([
  ['ip-filter', IP_FILTER],
  ['krakend-ip-filter', IP_FILTER],
  [
    'geoip',
    setting(
      'It tells backends where a client is.',
      'Look addresses up in a middleware.',
    ),
  ],
  [
    'redis-ratelimit',
    {
      code: 'limit-not-imported',
      does: 'Older Enterprise editions limit each client over all instances by it; others ignore it.',
      instead:
        'Write service: { clientMaxRate: rate, clientCapacity: burst, every: period }, with the strategy that tokenizer means, and configure the Redis store.',
    },
  ],
  [
    'response-schema-validator',
    refuses(
      'Answers that do not fit its schema are refused.',
      'Check them in the handler.',
    ),
  ],
  [
    'jwk-aggregator',
    setting(
      'It serves the keys of several issuers as one.',
      'Name all issuers where you check tokens.',
    ),
  ],
  [
    'static-filesystem',
    setting('KrakenD serves files.', 'Use @nestjs/serve-static.'),
  ],
  ['url-rewrite', ROUTES],
  ['virtualhost', ROUTES],
  ['wildcard', ROUTES],
  [
    'content-replacer',
    setting('It replaces texts in answers.', 'Replace them in an interceptor.'),
  ],
  [
    'no-redirect',
    setting(
      'Redirects are given back and not followed.',
      'Set maxRedirects: 0 on the backend.',
    ),
  ],
  [
    'http-logger',
    setting('It logs the calls.', 'Log them in an interceptor of the backend.'),
  ],
]);

/** Sections that load plugins. */
const PLUGIN_SECTIONS = new Set([
  'plugin/http-server',
  'plugin/http-client',
  'plugin/req-resp-modifier',
  'plugin/middleware',
  'github_com/devopsfaith/krakend/transport/http/server/handler',
  'github.com/devopsfaith/krakend/transport/http/client/executor',
  'github.com/devopsfaith/krakend/proxy/plugin',
]);

interface Met {
  readonly what: Unimported;
  readonly written: string;
  readonly places: Place[];
}

/** Collects what is not imported, so that each kind is reported once for the whole file. */
export class UnimportedFindings {
  private readonly met = new Map<string, Met>();

  /** @param written the setting as written, such as `max_payload: 1024` */
  add(written: string, what: Unimported, place: Place): void {
    const key = `${what.code} ${written} ${what.does}`;
    const known = this.met.get(key);
    if (known) known.places.push(place);
    else this.met.set(key, { what, written, places: [place] });
  }

  /** Adds the sections of an `extra_config`. */
  addSections(
    extra: Section,
    scope: ConfigLevel,
    version: 2 | 3,
    place: Place,
  ): void {
    for (const name of Object.keys(extra)) {
      const known = KNOWN_SECTIONS.get(name);
      if (!known?.scopes.includes(scope)) continue;
      if (!known.versions.includes(version)) continue;
      const section = sectionOf(extra[name]) ?? {};
      if (PLUGIN_SECTIONS.has(name)) this.addPlugins(section, place.at(name));
      const what = known.unimported?.(section, scope);
      if (what) {
        this.add(`a section ${JSON.stringify(name)}`, what, place.at(name));
      }
    }
  }

  report(findings: KrakendFinding[]): void {
    for (const { what, written, places } of this.met.values()) {
      reportOnce(
        what.code,
        places,
        {
          written: `${written}${where(places)}`,
          enforced: `${what.does} It is not imported.`,
          fix: what.instead,
        },
        findings,
      );
    }
  }

  private addPlugins(section: Section, place: Place): void {
    const listed = fieldOf(section, 'name');
    const names = (Array.isArray(listed) ? listed : [listed]).filter(
      (name) => typeof name === 'string',
    );
    const configured = Object.keys(section).filter((key) => PLUGINS.has(key));
    for (const name of new Set([...names, ...configured])) {
      const what = PLUGINS.get(name) ?? ownPlugin(name);
      const at = configured.includes(name) ? name : 'name';
      this.add(`a plugin ${shown(name)}`, what, place.at(at));
    }
  }
}

function ownPlugin(name: string): Unimported {
  return {
    code: 'code-not-imported',
    does: `The plugin ${shown(name)} runs for each request and can refuse it.`,
    instead: 'Check whether it refuses requests; if it does, write a guard.',
  };
}

const MOST_NAMED = 10;

function where(places: readonly Place[]): string {
  if (places.length === 1) return '';
  const subjects = [...new Set(places.map(({ subject }) => subject))];
  const named = subjects.slice(0, MOST_NAMED).join(', ');
  const more = subjects.length - MOST_NAMED;
  return ` in ${places.length} places: ${named}${more > 0 ? ` and ${more} more` : ''}`;
}
