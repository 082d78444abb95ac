import type { StandardSchemaV1 } from '@standard-schema/spec';
import { EVENT_TYPE_MAX_LENGTH } from './limits.ts';
import { UNUSABLE_NAME } from './own-member.ts';
import { ContractError } from './waybill-error.ts';
import { partsNoJsonSatisfies } from './wire-form.ts';

/** Converts `data` of one version to the next. The result of the last upcaster is validated by the current schema. */
export type Upcaster = (data: unknown) => unknown;

export interface EventDefinition<
  Type extends string = string,
  // biome-ignore lint/suspicious/noExplicitAny: any schema; inference reads the real one
  Schema extends StandardSchemaV1 = StandardSchemaV1<any, any>,
> {
  readonly type: Type;
  readonly source: string;
  readonly version: number;
  readonly schema: Schema;
  // methods, so that a definition of one schema passes where any definition is taken
  group?(data: StandardSchemaV1.InferOutput<Schema>): string;
  subject?(data: StandardSchemaV1.InferOutput<Schema>): string;
  readonly upcasters: Readonly<Record<number, Upcaster>>;
  readonly sensitive?: readonly string[];
}

export interface EventDefinitionProps<Type extends string, Schema extends StandardSchemaV1> {
  /** CloudEvents `type`, in reverse-DNS form by convention: 1 to 128 letters, digits, `.`, `-`, `_`. */
  readonly type: Type;
  /** CloudEvents `source` of every event of this type, a URI-reference: `/orders`. */
  readonly source: string;
  /** Version of the schema, a whole number from 1. Raise it with each change that makes old data invalid. */
  readonly version: number;
  /**
   * A schema of any Standard Schema library. Events contain the schema's input as JSON, so no Date, Map, Set or BigInt.
   * Handlers get the schema's output, which may have any type.
   */
  readonly schema: Schema;
  /**
   * Returns the group of an event, 1 to 128 visible ASCII characters. Events of one group are processed in order.
   * @default - every event is a group of its own
   */
  readonly group?: (data: StandardSchemaV1.InferOutput<Schema>) => string;
  /** CloudEvents `subject`. An empty string means no subject. @default - none */
  readonly subject?: (data: StandardSchemaV1.InferOutput<Schema>) => string;
  /**
   * Upcasters by the version that they convert. Required for each version that still has events, up to `version - 1`.
   * @default - none
   */
  readonly upcasters?: Readonly<Record<number, Upcaster>>;
  /**
   * Members of the data that operators' tools mask, as JSON Pointers (RFC 6901) in which `*` stands for each member or
   * element: `/email`, `/notes/*`. They travel with each event, at most 512 characters in total, so that tools need no
   * definition. @default - none
   */
  readonly sensitive?: readonly string[];
}

/**
 * Declares an event type once, for its producers, its consumers and the infrastructure.
 *
 * @example
 * export const OrderPlaced = defineEvent({
 *   type: 'com.example.order.placed',
 *   source: '/orders',
 *   version: 1,
 *   schema: z.object({ orderId: z.string() }),
 *   group: (data) => `order#${data.orderId}`,
 * });
 *
 * @throws ContractError `CONTRACT_INVALID` listing all problems
 */
export function defineEvent<const Type extends string, Schema extends StandardSchemaV1>(
  props: EventDefinitionProps<Type, Schema>,
): EventDefinition<Type, Schema> {
  const { type, source, version, upcasters = {} } = props;
  const problems: string[] = [];
  if (!/^[A-Za-z0-9._-]+$/.test(type) || type.length > EVENT_TYPE_MAX_LENGTH) {
    problems.push(`type must be 1 to ${EVENT_TYPE_MAX_LENGTH} letters, digits, '.', '-' or '_', got '${type}'`);
  }
  if (type === UNUSABLE_NAME) {
    problems.push(`type must not be '${UNUSABLE_NAME}': an object of handlers cannot have that key`);
  }
  if (!/^[!-~]{1,256}$/.test(source) || source.startsWith('aws.')) {
    problems.push(
      `source must be a URI-reference of 1 to 256 visible characters not starting with 'aws.', got '${source}'`,
    );
  }
  if (!Number.isSafeInteger(version) || version < 1) {
    problems.push(
      `version must be a whole number from 1, got ${typeof version === 'string' ? `the text '${version}'` : String(version)}`,
    );
  }
  for (const from of Object.keys(upcasters).map(Number)) {
    if (!Number.isSafeInteger(from) || from < 1 || from >= version) {
      problems.push(`upcasters must have keys from 1 to ${version - 1}, got ${from}`);
    }
  }
  problems.push(...sensitiveProblems(props.sensitive));
  if (typeof props.schema?.['~standard']?.validate !== 'function') {
    problems.push(
      "schema must speak Standard Schema (a '~standard' member with 'validate'), as zod, valibot and arktype do",
    );
  }
  const unfit = partsNoJsonSatisfies(props.schema);
  if (unfit.length > 0) problems.push(`schema must accept JSON: ${unfit.join('; ')}`);
  if (problems.length > 0) throw new ContractError(`event '${type}'`, problems);
  return Object.freeze({ ...props, upcasters });
}

const MAX_SENSITIVE_LENGTH = 512;

function sensitiveProblems(sensitive: readonly string[] = []): readonly string[] {
  const wrong = sensitive.filter((pointer) => !/^(?:\/(?:[^\s/~]|~[01])+)+$/.test(pointer));
  const { length } = sensitive.join(' ');
  return [
    ...wrong.map((pointer) => `sensitive must have JSON Pointers such as '/email' or '/notes/*', got '${pointer}'`),
    ...(length > MAX_SENSITIVE_LENGTH
      ? [`sensitive must have at most ${MAX_SENSITIVE_LENGTH} characters in total, got ${length}`]
      : []),
  ];
}

/** The data that a handler gets: the schema's output. */
export type EventDataOf<Definition extends EventDefinition> = StandardSchemaV1.InferOutput<Definition['schema']>;

/** The data that a producer passes to `publish`: the schema's input. */
export type EventInputOf<Definition extends EventDefinition> = StandardSchemaV1.InferInput<Definition['schema']>;

/** The `dataschema` attribute of a definition's events. */
export const dataSchemaOf = (definition: Pick<EventDefinition, 'type' | 'version'>): string =>
  `urn:waybill:schema:${definition.type}:${definition.version}`;

/** Reads the version of a `dataschema`; undefined if it is not Waybill's. */
export function versionOfDataSchema(dataschema: string, type: string): number | undefined {
  const prefix = `urn:waybill:schema:${type}:`;
  const version = Number(dataschema.startsWith(prefix) ? dataschema.slice(prefix.length) : Number.NaN);
  return Number.isSafeInteger(version) && version >= 1 ? version : undefined;
}
