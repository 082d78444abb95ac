/** A value that JSON can represent. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

/** Fields of an entity, by name. A field that is absent has no value. */
export type Fields = Readonly<Record<string, Json>>;

/** A record's version at its provider: a number, digits, or a time. */
export type Version = string | number;

/** A change of a record as a source reports it. */
export type Change =
  | {
      readonly kind: 'upsert';
      readonly externalId: string;
      /** @default - the row's field that `detect` names */
      readonly version?: Version;
      /** The row as the provider sent it. */
      readonly raw: unknown;
      /** Whether `raw` has all of the row's fields. */
      readonly complete: boolean;
    }
  | { readonly kind: 'delete'; readonly externalId: string; readonly version?: Version };

/** How a change came here. */
export type ChangeOrigin =
  /** A page of a run. */
  | 'poll'
  | 'webhook'
  /** A change stream, such as the outbox of another hub. */
  | 'stream'
  /** The source's `get`: the record as it is now. */
  | 'get'
  /** A change of ours that was written to the provider. */
  | 'outbound';
