import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What is made to be changed, whatever it begins with. */
const ALWAYS_STATE = new Set([
  'AbortController',
  'AsyncLocalStorage',
  'EventEmitter',
  'FinalizationRegistry',
  'Subject',
  'WeakMap',
  'WeakRef',
  'WeakSet',
]);
const COLLECTIONS = new Set(['Array', 'Map', 'Set']);
/** Functions that remember what they once computed. */
const MEMOS = new Set(['lazy', 'memoize']);
const CHANGES = new Set([
  'add',
  'clear',
  'delete',
  'fill',
  'pop',
  'push',
  'reverse',
  'set',
  'shift',
  'sort',
  'splice',
  'unshift',
]);
const { EqualsToken } = ts.SyntaxKind;

/** Everything in `lib` that outlives an application because a module or a class holds it, as `file: name`. */
export function moduleState(): string[] {
  const files = globSync('lib/**/*.ts', {
    cwd: root,
    ignore: ['**/*.spec.ts', '**/*.fixture.ts'],
  });
  const found = files.flatMap((file) => {
    const text = readFileSync(root + file, 'utf8');
    return stateIn(text).map((name) => `${file}: ${name}`);
  });
  return found.toSorted();
}

/** The names of what a module holds and changes. */
export function stateIn(text: string): string[] {
  const { Latest } = ts.ScriptTarget;
  const source = ts.createSourceFile('module.ts', text, Latest, true);
  const changed = changedNames(source);
  return source.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) {
      const list = statement.declarationList;
      const isConst = (list.flags & ts.NodeFlags.Const) !== 0;
      return list.declarations
        .filter((each) => !isConst || isState(each, changed))
        .map(({ name }) => name.getText());
    }
    if (!ts.isClassDeclaration(statement)) return [];
    return statement.members
      .filter((member) => isStaticState(member, changed))
      .map(({ name }) => `${statement.name?.text}.${name!.getText()}`);
  });
}

type Holder = ts.VariableDeclaration | ts.PropertyDeclaration;

function isStaticState(member: ts.ClassElement, changed: Set<string>): boolean {
  if (!ts.isPropertyDeclaration(member)) return false;
  const has = (kind: ts.SyntaxKind) =>
    member.modifiers?.some((modifier) => modifier.kind === kind) ?? false;
  if (!has(ts.SyntaxKind.StaticKeyword)) return false;
  return !has(ts.SyntaxKind.ReadonlyKeyword) || isState(member, changed);
}

/** Whether a constant holds something that changes: because it is made for that, begins empty, or is changed here. */
function isState(holder: Holder, changed: Set<string>): boolean {
  const value = unwrapped(holder.initializer);
  if (value === undefined || holder.type?.getText().startsWith('readonly ')) {
    return false;
  }
  if (ts.isCallExpression(value)) return MEMOS.has(value.expression.getText());
  if (changed.has(holder.name.getText())) return true;
  if (ts.isNewExpression(value)) {
    const made = value.expression.getText();
    if (ALWAYS_STATE.has(made)) return true;
    return COLLECTIONS.has(made) && !value.arguments?.length;
  }
  return ts.isArrayLiteralExpression(value) && value.elements.length === 0;
}

function unwrapped(value?: ts.Expression): ts.Expression | undefined {
  while (value && (ts.isAsExpression(value) || ts.isSatisfiesExpression(value)))
    value = value.expression;
  return value;
}

/** Names that are assigned to, or through, or on which a method is called that changes. */
function changedNames(source: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isAccess(node.expression)) {
      const method = node.expression.getText().split('.').at(-1)!;
      if (CHANGES.has(method)) names.add(node.expression.expression.getText());
    }
    if (
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === EqualsToken &&
      isAccess(node.left)
    ) {
      names.add(node.left.expression.getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

function isAccess(
  node: ts.Node,
): node is ts.PropertyAccessExpression | ts.ElementAccessExpression {
  return (
    ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)
  );
}
