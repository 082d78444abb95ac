import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ownMember, UNUSABLE_NAME } from '../own-member.ts';
import { shown } from '../shown.ts';
import { ContractError } from '../waybill-error.ts';
import { type Detection, lagAndOverlapOf, type NotProvided, type SyncDeletes } from './detect.ts';

/** What a provider's mapping must give: each field of the entity, and no other. */
export type ExpectedFields<Entity, Fields> = {
  readonly [Name in Extract<keyof Entity, string>]:
    | Entity[Name]
    | NotProvided
    | (Record<never, never> extends Pick<Entity, Name> ? undefined : never);
} & { readonly [Name in Exclude<keyof Fields, keyof Entity>]: never };

/** Providers whose mappings fit the entity. */
export type FittingProviders<Providers, Entity> = {
  readonly [Name in keyof Providers]: Providers[Name] extends Detection<infer Fields>
    ? Detection<ExpectedFields<Entity, Fields>>
    : Detection;
};

export interface SyncProps<
  Name extends string,
  Schema extends StandardSchemaV1,
  Providers extends Readonly<Record<string, Detection>>,
> {
  /**
   * 1 to 32 lower-case letters, digits and hyphens, starting with a letter. It is part of every stored key: a renamed
   * sync loses its state.
   */
  readonly name: Name;
  /** What a record is here: `product`. As `name`. Syncs of the same entity share its matches. */
  readonly entity: string;
  /** The entity: an object that JSON can represent. A record whose merged fields do not fit is parked. */
  readonly schema: Schema;
  /**
   * The key by which records of several providers, and entities that existed before, are the same entity: a SKU, an email
   * address. Undefined for a record that is never the same as another.
   * @default - each record is an entity of its own
   */
  readonly match?: (fields: Partial<StandardSchemaV1.InferInput<Schema>>) => string | undefined;
  /**
   * For each field who may set it, the first one with a value wins: providers, and `local` for the service itself. Fields
   * without an entry belong to the provider that changed them last. @default - none
   */
  readonly ownership?: {
    readonly [Field in Extract<keyof StandardSchemaV1.InferInput<Schema>, string>]?: readonly (
      | Extract<keyof NoInfer<Providers>, string>
      | typeof LOCAL_OWNER
    )[];
  };
  /** Fields whose change alone is no change: a time of export. @default - none */
  readonly ignore?: readonly Extract<keyof StandardSchemaV1.InferInput<Schema>, string>[];
  /** Fields whose lists have no order. @default - none */
  readonly sets?: readonly Extract<keyof StandardSchemaV1.InferInput<Schema>, string>[];
  /** By name: 1 to 32 lower-case letters, digits and hyphens, starting with a letter. */
  readonly providers: Providers & FittingProviders<Providers, StandardSchemaV1.InferInput<Schema>>;
}

/** A sync as it is declared, for its construct and its function. */
export interface SyncDefinition<
  Name extends string = string,
  Schema extends StandardSchemaV1 = StandardSchemaV1,
  Provider extends string = string,
> {
  readonly name: Name;
  readonly entity: string;
  readonly schema: Schema;
  readonly match: ((fields: Readonly<Record<string, unknown>>) => string | undefined) | undefined;
  readonly ownership: Readonly<Record<string, readonly string[]>>;
  readonly ignore: readonly string[];
  readonly sets: readonly string[];
  readonly providers: Readonly<Record<Provider, Detection>>;
}

/** The service itself, among the owners of a field. */
export const LOCAL_OWNER = 'local';

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const NAME_RULE = '1 to 32 lower-case letters, digits and hyphens, starting with a letter';
const LONGEST_SECONDS = 7 * 24 * 3600;
const MOST_MINUTES = 10_080;
const MOST_PER_SECOND = 1000;
const MOST_HOURS = 8_784;

/**
 * Declares a sync once, for its construct and its function: the entity and the providers whose records become entities.
 *
 * @example
 * export const productSync = defineSync({
 *   name: 'products',
 *   entity: 'product',
 *   schema: z.object({ sku: z.string(), name: z.string(), price: z.number() }),
 *   match: ({ sku }) => sku,
 *   ownership: { price: ['supplier-a'] },
 *   providers: {
 *     'supplier-a': detect({
 *       schema: z.object({ SKU: z.string(), TITLE: z.string(), NET: z.number(), MODIFIED: z.string() }),
 *       id: 'SKU',
 *       cursor: { kind: 'timestamp', field: 'MODIFIED', lagSeconds: 120, overlapSeconds: 600 },
 *       deletes: { kind: 'reconcile', everyHours: 24 },
 *       mapping: { sku: 'SKU', name: 'TITLE', price: (row) => Math.round(row.NET * 100) },
 *     }),
 *   },
 * });
 *
 * @throws ContractError `CONTRACT_INVALID` listing all problems
 */
export function defineSync<
  const Name extends string,
  Schema extends StandardSchemaV1,
  const Providers extends Readonly<Record<string, Detection>>,
>(props: SyncProps<Name, Schema, Providers>): SyncDefinition<Name, Schema, Extract<keyof Providers, string>> {
  const { name, entity, schema, match, ignore = [], sets = [] } = props;
  const providers: Readonly<Record<string, Detection>> = props.providers;
  const ownership: Readonly<Record<string, readonly string[] | undefined>> = props.ownership ?? {};
  const problems: string[] = [];
  if (!NAME.test(name)) problems.push(`name must be ${NAME_RULE}, got ${shown(name)}`);
  if (!NAME.test(entity)) problems.push(`entity must be ${NAME_RULE}, got ${shown(entity)}`);
  if (typeof schema?.['~standard']?.validate !== 'function') {
    problems.push(
      "schema must speak Standard Schema (a '~standard' member with 'validate'), as zod, valibot and arktype do",
    );
  }
  const names = Object.keys(providers);
  if (names.length === 0) problems.push('providers must have at least one provider, got none');
  for (const [provider, detection] of Object.entries(providers)) {
    problems.push(...providerProblems(provider, detection).map((problem) => `provider '${provider}': ${problem}`));
  }
  const fields = new Set(names.flatMap((each) => Object.keys(providers[each]?.mapping ?? {})));
  for (const [field, owners = []] of Object.entries(ownership)) {
    if (!fields.has(field)) problems.push(`ownership names the field '${field}', which no provider maps`);
    for (const owner of owners) {
      if (owner !== LOCAL_OWNER && !names.includes(owner)) {
        problems.push(`ownership of '${field}' names '${owner}', which is none of '${names.join("', '")}'`);
      }
    }
  }
  for (const [member, listed] of Object.entries({ ignore, sets })) {
    for (const field of listed) {
      if (!fields.has(field)) problems.push(`${member} names the field '${field}', which no provider maps`);
    }
  }
  if (problems.length > 0) throw new ContractError(`sync '${name}'`, problems);
  return Object.freeze({
    name,
    entity,
    schema,
    // it is only called with the entity's own fields
    match: match as SyncDefinition['match'],
    ownership: Object.fromEntries(Object.entries(ownership).map(([field, owners = []]) => [field, owners])),
    ignore,
    sets,
    providers: providers as Readonly<Record<Extract<keyof Providers, string>, Detection>>,
  });
}

function providerProblems(name: string, detection: Detection | undefined): readonly string[] {
  const problems: string[] = [];
  if (!NAME.test(name)) problems.push(`its name must be ${NAME_RULE}, got ${shown(name)}`);
  if (name === LOCAL_OWNER) problems.push(`its name must not be '${LOCAL_OWNER}', which is the service itself`);
  if (typeof detection?.schema?.['~standard']?.validate !== 'function') {
    return [...problems, `must be a result of 'detect' with a schema that speaks Standard Schema`];
  }
  const { mapping, everyMinutes, ratePerSecond, cursor, deletes } = detection;
  if (Object.keys(mapping).length === 0) problems.push('mapping must have at least one field, got none');
  if (ownMember<unknown>(mapping, UNUSABLE_NAME) !== undefined) {
    problems.push(`mapping must not have a field '${UNUSABLE_NAME}'`);
  }
  if (!isWhole(everyMinutes, 1, MOST_MINUTES)) {
    problems.push(`everyMinutes must be a whole number from 1 to ${MOST_MINUTES}, got ${shown(everyMinutes)}`);
  }
  if (ratePerSecond !== undefined && !(ratePerSecond > 0 && ratePerSecond <= MOST_PER_SECOND)) {
    problems.push(`ratePerSecond must be a number above 0 and at most ${MOST_PER_SECOND}, got ${shown(ratePerSecond)}`);
  }
  if (cursor.kind === 'timestamp') {
    const { lagSeconds, overlapSeconds } = lagAndOverlapOf(cursor);
    if (!isWhole(lagSeconds, 0, LONGEST_SECONDS)) {
      problems.push(`lagSeconds must be a whole number from 0 to ${LONGEST_SECONDS}, got ${shown(lagSeconds)}`);
    }
    if (!isWhole(overlapSeconds, lagSeconds, LONGEST_SECONDS)) {
      problems.push(
        `overlapSeconds must be a whole number from lagSeconds (${lagSeconds}) to ${LONGEST_SECONDS}, got ${shown(overlapSeconds)}: a row can appear as late as the lag`,
      );
    }
  }
  return [...problems, ...deleteProblems(deletes)];
}

function deleteProblems(deletes: SyncDeletes): readonly string[] {
  if (deletes.kind !== 'reconcile') return [];
  const { everyHours, maxRatio = 0, maxCount = 0 } = deletes;
  return [
    isWhole(everyHours, 1, MOST_HOURS)
      ? []
      : [`everyHours must be a whole number from 1 to ${MOST_HOURS}, got ${shown(everyHours)}`],
    maxRatio >= 0 && maxRatio <= 1 ? [] : [`maxRatio must be from 0 to 1, got ${shown(maxRatio)}`],
    isWhole(maxCount, 0, Number.MAX_SAFE_INTEGER)
      ? []
      : [`maxCount must be a whole number from 0, got ${shown(maxCount)}`],
  ].flat();
}

const isWhole = (value: number, least: number, most: number): boolean =>
  Number.isSafeInteger(value) && value >= least && value <= most;
