// Writes docs/configuration.md: meanings from the doc comments of the schemas,
// allowed values from the faults that the built schemas report. With --check it
// only compares, and fails when the page is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import * as prettier from 'prettier';
import ts from 'typescript';
import { throttleOptions } from '../dist/config/schema/throttle-options.schema.js';

const PAGE = new URL('../docs/configuration.md', import.meta.url);
const schemaFile = (name) =>
  new URL(`../lib/config/schema/${name}.schema.ts`, import.meta.url);

/** Each section: its heading, where its schemas are, and where their doc comments stand. */
const SECTIONS = [
  ['`ThrottleModule.forRoot`', [[]], 'throttle-options', ['throttleOptions']],
  [
    'A limit: `@RouterRateLimit`, `service`, `policies.<name>`',
    [['service'], ['policies']],
    'router-limit',
    ['limitShape', 'policy'],
  ],
  ['`backends.<name>`', [['backends']], 'backend', ['backend']],
  [
    'A backend limit: `@ProxyRateLimit`, `backends.<name>.rateLimit`',
    [['backends', 'rateLimit']],
    'backend',
    ['backendLimit'],
  ],
  [
    '`backends.<name>.circuitBreaker`',
    [['backends', 'circuitBreaker']],
    'backend',
    ['circuitBreaker'],
  ],
  [
    '`backends.<name>.circuitBreaker.halfOpen`',
    [['backends', 'circuitBreaker', 'halfOpen']],
    'backend',
    ['halfOpen'],
  ],
  ['`headers`', [['headers']], 'throttle-options', ['headers']],
  ['`server`', [['server']], 'throttle-options', ['server']],
];

const INTRODUCTION = `# Configuration

<!-- Written by \`npm run docs:reference\` from the schemas; edit those. -->

Every key is optional unless it says otherwise. A value that is wrong stops the application at boot with one \`ThrottleConfigError\` that lists every fault; unknown keys are faults too.

A **duration** is a text in Go's grammar: decimal numbers with a unit each (\`ns\`, \`us\`, \`µs\`, \`ms\`, \`s\`, \`m\`, \`h\`), such as \`250ms\`, \`1m30s\` or \`.5s\`.
`;

/** The object schema inside optionals, defaults, records and unions. */
function objectIn(schema) {
  const { def } = schema;
  if (def.type === 'object') return schema;
  if (def.type === 'union') return def.options.map(objectIn).find(Boolean);
  const inner = def.innerType ?? def.valueType ?? def.in;
  return inner && objectIn(inner);
}

function schemaAt(path) {
  return path.reduce(
    (schema, key) => objectIn(schema.shape[key]),
    objectIn(throttleOptions),
  );
}

function allowed(schema) {
  const result = schema.safeParse(Symbol('nothing'));
  const [{ message }] = result.error.issues;
  return message.startsWith('an object with ')
    ? 'an object, see below'
    : message.replace(/^a duration text.*?\)/, 'a duration');
}

const isRequired = (schema) => !schema.safeParse(undefined).success;

/** Doc comments by key, from the object literals that belong to `owners`. */
function docComments(file, owners) {
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

function section([heading, paths, file, owners]) {
  const comments = docComments(file, owners);
  const shape = Object.assign({}, ...paths.map((path) => schemaAt(path).shape));
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
