import type { StandardSchemaV1 } from '@standard-schema/spec';

declare const fields: unique symbol;

/** The provider has no value for this field of the entity: other providers or the service itself set it. */
export interface NotProvided {
  readonly kind: 'not-provided';
}

/** @example mapping: { sku: 'SKU', price: notProvided } */
export const notProvided: NotProvided = Object.freeze({ kind: 'not-provided' });

/** The field is the local id of another record of the same provider, whose id at the provider is in `field`. */
export interface SyncReference<Field extends string = string> {
  readonly kind: 'reference';
  /** Name of the sync to which the other record belongs. */
  readonly sync: string;
  readonly field: Field;
}

/**
 * Maps a provider's id of another record to its local id. While the other record is not here, this one is parked, and
 * resolves by itself in a later run.
 *
 * @example mapping: { sku: 'SKU', categoryId: reference(categorySync, 'CATEGORY') }
 */
export const reference = <const Field extends string>(
  sync: { readonly name: string },
  field: Field,
): SyncReference<Field> => Object.freeze({ kind: 'reference', sync: sync.name, field });

/** The names of a row's fields whose values have the type. */
export type RowFieldsOf<Row, Value> = {
  [Name in Extract<keyof Row, string>]: Row[Name] extends Value ? Name : never;
}[Extract<keyof Row, string>];

/** How one field of the entity comes from a row: the name of the row's field, or a pure function of the row. */
export type FieldMapping<Row> =
  | Extract<keyof Row, string>
  | ((row: Row) => unknown)
  | NotProvided
  | SyncReference<Extract<keyof Row, string>>;

/** What a mapping makes of a row. */
export type MappedFields<Row, Mapping> = {
  [Name in keyof Mapping]: Mapping[Name] extends NotProvided
    ? NotProvided
    : Mapping[Name] extends SyncReference<infer Field>
      ? string | (Field extends keyof Row ? Extract<Row[Field], null | undefined> : never)
      : Mapping[Name] extends (row: Row) => infer Value
        ? Value
        : Mapping[Name] extends keyof Row
          ? Row[Mapping[Name]]
          : never;
};

/**
 * Where an incremental read continues.
 *
 * - `timestamp`: after the last row by (value of `field`, id), in ascending order. The provider's literal is kept
 *   verbatim. Rows are read up to the provider's own time minus `lagSeconds`, because rows can appear under a time that
 *   has passed; each run begins `overlapSeconds` before the end of the one before.
 * - `opaque`: after the last page, by the token that the source returns with it.
 */
export type SyncCursor<Field extends string = string> =
  | {
      readonly kind: 'timestamp';
      /** The row's time of change: RFC 3339 with an offset. */
      readonly field: Field;
      /** @default DEFAULT_LAG_SECONDS */
      readonly lagSeconds?: number;
      /** At least `lagSeconds`. @default DEFAULT_OVERLAP_SECONDS, or `lagSeconds` if that is more */
      readonly overlapSeconds?: number;
    }
  | { readonly kind: 'opaque' };

/** Two minutes: longer than a provider's transactions and the clocks of its servers differ. */
export const DEFAULT_LAG_SECONDS = 120;

/** Ten minutes. */
export const DEFAULT_OVERLAP_SECONDS = 600;

/**
 * How deletes are found. `reported`: the source returns them. `reconcile`: a pass over all records finds those that are
 * missing, and each is confirmed by the source's `get`. If more than `maxCount` records and more than `maxRatio` of all
 * are missing, the deletes wait for an approval.
 */
export type SyncDeletes =
  | { readonly kind: 'reported' }
  | {
      readonly kind: 'reconcile';
      /** 1 to 8784 hours. */
      readonly everyHours: number;
      /** 0 to 1. @default DEFAULT_MAX_DELETE_RATIO */
      readonly maxRatio?: number;
      /** @default DEFAULT_MAX_DELETE_COUNT */
      readonly maxCount?: number;
    };

export const DEFAULT_MAX_DELETE_RATIO = 0.1;
export const DEFAULT_MAX_DELETE_COUNT = 10;

/** Fifteen minutes. */
export const DEFAULT_EVERY_MINUTES = 15;

export interface DetectProps<Schema extends StandardSchemaV1, Mapping> {
  /**
   * A row as the provider sends it, in any Standard Schema library. Unknown members are ignored; a row that does not fit
   * is parked.
   */
  readonly schema: Schema;
  /** The field with the record's id at the provider, a text or a whole number. */
  readonly id: RowFieldsOf<StandardSchemaV1.InferOutput<Schema>, string | number>;
  readonly cursor: SyncCursor<RowFieldsOf<StandardSchemaV1.InferOutput<Schema>, string>>;
  /**
   * The field with the record's version, which grows with each change: a number, digits, or a time. Tells an older change
   * from a newer one. @default the field of a timestamp cursor, else none
   */
  readonly version?: RowFieldsOf<StandardSchemaV1.InferOutput<Schema>, string | number>;
  /** @default { kind: 'reported' } */
  readonly deletes?: SyncDeletes;
  /** Minutes between two runs, 1 to 10080. @default DEFAULT_EVERY_MINUTES */
  readonly everyMinutes?: number;
  /**
   * Calls of the source per second, of all containers together: above 0, up to 1000. Each page and each `get` is a call;
   * one whose turn is more than five seconds away defers the run. Of each tenant, as its credentials are.
   * @default - none
   */
  readonly ratePerSecond?: number;
  /**
   * Whether the provider sends parts of rows, which are merged into the last row. The last row is then stored with the
   * record. @default false: a part of a row is answered by reading the whole one
   */
  readonly partialRows?: boolean;
  /**
   * Whether changes of ours are written to the provider, as `defineOutbound` declares.
   * @default false
   */
  readonly outbound?: boolean;
  /** Rows that belong to the sync; a record that no longer does counts as deleted. @default - all */
  readonly filter?: (row: StandardSchemaV1.InferOutput<Schema>) => boolean;
  /** Every field of the entity. */
  readonly mapping: Mapping;
}

/** How the records of one provider are read. `Fields` is what its mapping makes. */
export interface Detection<Fields = unknown> {
  readonly schema: StandardSchemaV1;
  readonly id: string;
  readonly cursor: SyncCursor;
  readonly version: string | undefined;
  readonly deletes: SyncDeletes;
  readonly everyMinutes: number;
  readonly ratePerSecond: number | undefined;
  readonly partialRows: boolean;
  readonly outbound: boolean;
  readonly filter: ((row: unknown) => boolean) | undefined;
  readonly mapping: Readonly<Record<string, FieldMapping<Readonly<Record<string, unknown>>>>>;
  readonly [fields]?: Fields;
}

/**
 * Declares how the records of a provider are read and what the entity's fields are made of. `defineSync` checks it.
 *
 * @example
 * detect({
 *   schema: z.object({ SKU: z.string(), MODIFIED: z.string(), NET: z.number() }),
 *   id: 'SKU',
 *   cursor: { kind: 'timestamp', field: 'MODIFIED' },
 *   mapping: { sku: 'SKU', price: (row) => Math.round(row.NET * 100) },
 * })
 */
export function detect<
  Schema extends StandardSchemaV1,
  const Mapping extends Readonly<Record<string, FieldMapping<StandardSchemaV1.InferOutput<Schema>>>>,
>(props: DetectProps<Schema, Mapping>): Detection<MappedFields<StandardSchemaV1.InferOutput<Schema>, Mapping>> {
  const { schema, id, cursor, deletes = { kind: 'reported' }, everyMinutes = DEFAULT_EVERY_MINUTES } = props;
  return Object.freeze({
    schema,
    id,
    cursor,
    version: props.version ?? (cursor.kind === 'timestamp' ? cursor.field : undefined),
    deletes,
    everyMinutes,
    ratePerSecond: props.ratePerSecond,
    partialRows: props.partialRows ?? false,
    outbound: props.outbound ?? false,
    // both are only called with what the schema gives
    filter: props.filter as Detection['filter'],
    mapping: props.mapping as unknown as Detection['mapping'],
  });
}

/** Seconds before the provider's time up to which rows are read, and seconds that each run reads again. */
export function lagAndOverlapOf(cursor: Extract<SyncCursor, { kind: 'timestamp' }>): {
  readonly lagSeconds: number;
  readonly overlapSeconds: number;
} {
  const { lagSeconds = DEFAULT_LAG_SECONDS } = cursor;
  return { lagSeconds, overlapSeconds: cursor.overlapSeconds ?? Math.max(lagSeconds, DEFAULT_OVERLAP_SECONDS) };
}
