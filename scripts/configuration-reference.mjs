// Writes docs/configuration.md: meanings from the doc comments of the schemas,
// allowed values from the faults that the built schemas report. With --check it
// only compares, and fails when the page is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import * as prettier from 'prettier';
import ts from 'typescript';
import { throttleOptions } from '../build/lib/config/schema/throttle-options.schema.js';
import { redisStoreOptions } from '../build/lib/stores/redis/redis-store.schema.js';

const PAGE = new URL('../docs/configuration.md', import.meta.url);
const schemaFile = (name) => {
  const folder = name.startsWith('redis') ? 'stores/redis' : 'config/schema';
  return new URL(`../lib/${folder}/${name}.ts`, import.meta.url);
};

/** Each section: its heading, where its schemas are, and the files and objects in which their doc comments stand. */
const SECTIONS = [
  [
    '`ThrottleModule.forRoot`',
    [[]],
    ['throttle-options.schema'],
    ['throttleOptions'],
  ],
  [
    'A limit: `@RouterRateLimit`, `service`, `policies.<name>`',
    [['service'], ['policies']],
    ['router-limit.schema', 'limit-fields', 'choice-fields'],
    [
      'nameShape',
      'figuresShape',
      'clientShape',
      'chargeShape',
      'choiceShape',
      'modeShape',
      'phaseShape',
      'handlerShape',
      'policy',
    ],
  ],
  [
    'A tier: `tiers[0]` of a limit',
    [['policies', 'tiers']],
    ['choice-fields', 'limit-fields'],
    ['tier', 'figuresShape', 'clientShape', 'chargeShape'],
  ],
  [
    '`tierKey` of a limit',
    [['policies', 'tierKey']],
    ['choice-fields'],
    ['tierKeySource'],
  ],
  ['`routes["GET /products/{id}"]`', [['routes']], ['route.schema'], ['route']],
  ['`backends.<name>`', [['backends']], ['backend.schema'], ['backend']],
  [
    'A backend limit: `backends.<name>.rateLimit`, `@ProxyRateLimit` (but for `shared`)',
    [['backends', 'rateLimit']],
    ['backend-limit.schema'],
    ['limitShape', 'ownLimit'],
  ],
  [
    '`backends.<name>.concurrency`',
    [['backends', 'concurrency']],
    ['concurrency.schema'],
    ['concurrency'],
  ],
  [
    '`backends.<name>.listen`',
    [['backends', 'listen']],
    ['listen.schema'],
    ['signals'],
  ],
  [
    '`backends.<name>.circuitBreaker`',
    [['backends', 'circuitBreaker']],
    ['circuit-breaker.schema'],
    ['breakerOptions'],
  ],
  [
    '`backends.<name>.circuitBreaker.halfOpen`',
    [['backends', 'circuitBreaker', 'halfOpen']],
    ['circuit-breaker.schema'],
    ['halfOpen'],
  ],
  [
    '`backends.<name>.retry`',
    [['backends', 'retry']],
    ['retry.schema'],
    ['retryOptions'],
  ],
  [
    '`backends.<name>.hedge`',
    [['backends', 'hedge']],
    ['retry.schema'],
    ['hedgeOptions'],
  ],
  [
    '`backends.<name>.retryBudget`',
    [['backends', 'retryBudget']],
    ['retry.schema'],
    ['retryBudget'],
  ],
  [
    '`backends.<name>.fallback`',
    [['backends', 'fallback']],
    ['call-options.schema'],
    ['fallbackOptions'],
  ],
  ['`backends.<name>.tls`', [['backends', 'tls']], ['tls.schema'], ['tls']],
  [
    '`backends.<name>.outlierDetection`',
    [['backends', 'outlierDetection']],
    ['outlier-detection.schema'],
    ['outlierOptions'],
  ],
  ['`headers`', [['headers']], ['throttle-options.schema'], ['headers']],
  ['`server`', [['server']], ['throttle-options.schema'], ['server']],
  [
    '`store`: `redisStore` of `nestjs-floodgate/redis`',
    [[]],
    ['redis-store.schema'],
    ['redisStoreOptions'],
  ],
  [
    '`redisStore`: `sentinel`',
    [['sentinel']],
    ['redis-store.schema'],
    ['sentinel'],
  ],
  ['`redisStore`: `lease`', [['lease']], ['redis-store.schema'], ['lease']],
];

const INTRODUCTION = `# Configuration

<!-- Written by \`npm run docs:reference\` from the schemas; edit those. -->

Every key is optional unless it says otherwise. A value that is wrong stops the application at boot with one \`ThrottleConfigError\` that lists every fault; unknown keys are faults too.

A **duration** is a string in Go's grammar: decimal numbers with a unit each (\`ns\`, \`us\`, \`µs\`, \`ms\`, \`s\`, \`m\`, \`h\`), such as \`250ms\`, \`1m30s\` or \`.5s\`.
`;

/** The object schema inside optionals, defaults, records and unions. */
function objectIn(schema) {
  const { def } = schema;
  if (schema.shape) return schema;
  if (def.type === 'union') return def.options.map(objectIn).find(Boolean);
  const inner = [def.innerType, def.valueType, def.element, def.in, def.out];
  return inner.filter(Boolean).map(objectIn).find(Boolean);
}

function schemaAt(path, files) {
  const root = files[0].startsWith('redis')
    ? redisStoreOptions
    : throttleOptions;
  return path.reduce(
    (schema, key) => objectIn(schema.shape[key]),
    objectIn(root),
  );
}

function allowed(schema) {
  const result = schema.safeParse(Symbol('nothing'));
  if (result.success) return 'anything';
  const [{ message }] = result.error.issues;
  return message.startsWith('an object with ')
    ? 'an object, see below'
    : message.replace(/^a duration text.*?\)/, 'a duration');
}

const isRequired = (schema) => !schema.safeParse(undefined).success;

/** Doc comments by key, from the object literals of several files that belong to `owners`. */
function docComments(files, owners) {
  return new Map(files.flatMap((file) => [...docCommentsIn(file, owners)]));
}

function docCommentsIn(file, owners) {
  const path = schemaFile(file);
  const source = ts.createSourceFile(
    path.pathname,
    readFileSync(path, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const comments = new Map();
  const visit = (node, owner) => {
    const name =
      ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node)
        ? node.name.getText()
        : owner;
    if (ts.isPropertyAssignment(node) && owners.includes(owner)) {
      const [doc] = node.jsDoc ?? [];
      if (doc) comments.set(name, ts.getTextOfJSDocComment(doc.comment));
    }
    node.forEachChild((child) => visit(child, name));
  };
  visit(source, undefined);
  return comments;
}

function section([heading, paths, files, owners]) {
  const comments = docComments(files, owners);
  const shape = Object.assign(
    {},
    ...paths.map((path) => schemaAt(path, files).shape),
  );
  const rows = Object.entries(shape).map(([key, schema]) => {
    const meaning = comments.get(key) ?? '';
    const required = isRequired(schema) ? ' Required.' : '';
    return `| \`${key}\` | ${meaning}${required} | ${allowed(schema)} |`;
  });
  return [
    `## ${heading}\n`,
    '| key | meaning | allowed |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}

const page = await prettier.format(
  [INTRODUCTION, ...SECTIONS.map(section)].join('\n\n'),
  { parser: 'markdown' },
);

if (!process.argv.includes('--check')) {
  writeFileSync(PAGE, page);
} else if (readFileSync(PAGE, 'utf8') !== page) {
  console.error('docs/configuration.md is out of date: npm run docs:reference');
  process.exitCode = 1;
}
