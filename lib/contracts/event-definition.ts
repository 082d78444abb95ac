import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ContractError } from './errors.ts';
import { EVENT_TYPE_MAX_LENGTH } from './limits.ts';
import { UNUSABLE_NAME } from './own-member.ts';
import { partsNoJsonSatisfies } from './wire-form.ts';

/** Brings `data` of one version to the next; the result is validated by the current schema, not by it. */
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
}

export interface EventDefinitionProps<Type extends string, Schema extends StandardSchemaV1> {
  /** CloudEvents `type`, reverse-DNS by custom: 1 to 128 letters, digits, `.`, `-`, `_`. */
  readonly type: Type;
  /** CloudEvents `source` of every event of this type, a URI-reference: `/orders`. */
  readonly source: string;
  /** Version of the schema, a whole number from 1; raise it with each change that old data does not satisfy. */
  readonly version: number;
  /**
   * Of any library that speaks Standard Schema. The wire carries the schema's input, as JSON: no Date, Map, Set or BigInt;
   * handlers get its output, which may be anything.
   */
  readonly schema: Schema;
  /**
   * The group of an event: events of one group are handled in order. 1 to 128 visible ASCII characters.
   * @default - every event is a group of its own
   */
  readonly group?: (data: StandardSchemaV1.InferOutput<Schema>) => string;
  /** CloudEvents `subject`; an empty text is none. @default - none */
  readonly subject?: (data: StandardSchemaV1.InferOutput<Schema>) => string;
  /** By the version that they start from; needed for each version from the oldest still about up to `version - 1`. @default - none */
  readonly upcasters?: Readonly<Record<number, Upcaster>>;
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
 * @throws ContractError `CONTRACT_INVALID` naming everything that is wrong with the definition
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
    problems.push(
      `type must not be '${UNUSABLE_NAME}': handlers stand under their type, and no object holds that name`,
    );
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
      problems.push(`upcasters start from versions 1 to ${version - 1}, got ${from}`);
    }
  }
  if (typeof props.schema?.['~standard']?.validate !== 'function') {
    problems.push(
      "schema must speak Standard Schema (a '~standard' member with 'validate'), as zod, valibot and arktype do",
    );
  }
  const unfit = partsNoJsonSatisfies(props.schema);
  if (unfit.length > 0) problems.push(`schema describes what events carry, which is JSON: ${unfit.join('; ')}`);
  if (problems.length > 0) throw new ContractError(`event '${type}'`, problems);
  return Object.freeze({ ...props, upcasters });
}

/** What a schema-validated event carries for the handler. */
export type EventDataOf<Definition extends EventDefinition> = StandardSchemaV1.InferOutput<Definition['schema']>;

/** What a producer passes to `publish`. */
export type EventInputOf<Definition extends EventDefinition> = StandardSchemaV1.InferInput<Definition['schema']>;

/** The `dataschema` attribute of a definition's events. */
export const dataSchemaOf = (definition: Pick<EventDefinition, 'type' | 'version'>): string =>
  `urn:waybill:schema:${definition.type}:${definition.version}`;

/** The version that a `dataschema` names; undefined when it is not one of ours. */
export function versionOfDataSchema(dataschema: string, type: string): number | undefined {
  const prefix = `urn:waybill:schema:${type}:`;
  const version = Number(dataschema.startsWith(prefix) ? dataschema.slice(prefix.length) : Number.NaN);
  return Number.isSafeInteger(version) && version >= 1 ? version : undefined;
}
