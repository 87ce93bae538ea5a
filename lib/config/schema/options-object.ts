import * as z from 'zod/mini';
import { isObject } from '../is-object.js';

type Shape = z.core.$ZodShape;
type Internals = z.core.$ZodTypeInternals;

/** An object with known keys only. */
export type OptionsObject<Fields extends Shape> = z.ZodMiniObject<
  Fields,
  z.core.$strict
>;

/** What an object of options is made from. */
export interface OptionsDef {
  readonly type: 'object';
  readonly shape: Shape;
  readonly checks: z.core.$ZodCheck<never>[];
  readonly error: z.core.$ZodErrorMap;
}

/** One key of an object, and what is done where it does not stand there. */
interface Field {
  readonly key: string;
  readonly schema: Internals;
  readonly whenAbsent: 'nothing' | 'default' | 'read';
}

const initObject = z.ZodMiniObject.init as (inst: object, def: object) => void;

/**
 * An object of zod that makes its fields as a first value is checked, and reads
 * those that stand there: zod's own reads all thirty options of a backend,
 * where most name five.
 */
export const optionsObject: new (def: OptionsDef) => OptionsObject<Shape> =
  z.core.$constructor('OptionsObject', (inst: OptionsObject<Shape>, def) => {
    initObject(inst, def);
    let fields: ReadonlyMap<string, Field> | undefined;
    const { _zod: internals } = inst;
    internals.parse = (payload, ctx) => {
      fields ??= fieldsOf(def.shape);
      const input: unknown = payload.value;
      if (!isObject(input)) {
        const code = 'invalid_type';
        payload.issues.push({ code, expected: 'object', input, inst });
        return payload;
      }
      payload.value = {};
      readFields(fields, input, payload, ctx);
      const keys = unknownKeys(fields, input);
      if (keys.length > 0) {
        const code = 'unrecognized_keys';
        payload.issues.push({ code, keys, input, inst, continue: true });
      }
      return payload;
    };
  });

function fieldsOf(shape: Shape): Map<string, Field> {
  const entries = Object.entries(shape).map(([key, { _zod: schema }]) => {
    const field: Field = { key, schema, whenAbsent: whenAbsent(schema) };
    return [key, field] as const;
  });
  return new Map(entries);
}

function whenAbsent({ def, optin, optout }: Internals): Field['whenAbsent'] {
  if (def.type === 'default') return 'default';
  return optin === 'optional' && optout === 'optional' ? 'nothing' : 'read';
}

function readFields(
  fields: ReadonlyMap<string, Field>,
  input: Record<string, unknown>,
  { value, issues }: z.core.ParsePayload<Record<string, unknown>>,
  ctx: z.core.ParseContextInternal,
): void {
  for (const { key, schema, whenAbsent } of fields.values()) {
    const isAbsent = !(key in input);
    if (isAbsent && whenAbsent === 'nothing') continue;
    if (isAbsent && whenAbsent === 'default') {
      value[key] = (schema.def as z.core.$ZodDefaultDef).defaultValue;
      continue;
    }
    const payload = { value: input[key], issues: [] };
    // None of our options is checked by a promise.
    const read = schema.run(payload, ctx) as z.core.ParsePayload;
    if (read.issues.length > 0)
      issues.push(...z.core.util.prefixIssues(key, read.issues));
    if (!isAbsent || read.value !== undefined) value[key] = read.value;
  }
}

function unknownKeys(
  fields: ReadonlyMap<string, Field>,
  input: Record<string, unknown>,
): string[] {
  const unknown: string[] = [];
  for (const key in input) if (!fields.has(key)) unknown.push(key);
  return unknown;
}
