import { type Comparison, differingFields } from './canonical-json.ts';
import type { Fields, Json } from './change.ts';

/** What is known of an entity's providers. */
export interface Voices {
  /** The last fields of each provider that has the record. */
  readonly fields: Readonly<Record<string, Fields>>;
  /** By field, the provider that changed it last. */
  readonly speakers: Readonly<Record<string, string>>;
}

/** One provider's news of an entity. */
export interface Speech {
  readonly provider: string;
  /** Undefined if the provider no longer has the record. */
  readonly fields: Fields | undefined;
}

/** The voices after the provider has spoken. */
export function heard(
  { fields, speakers }: Voices,
  { provider, fields: said }: Speech,
  comparison: Comparison,
): Voices {
  const { [provider]: before = {}, ...others } = fields;
  if (said === undefined) return { fields: others, speakers };
  const changed = differingFields(before, said, comparison);
  return {
    fields: { ...others, [provider]: said },
    speakers: { ...speakers, ...Object.fromEntries(changed.map((field) => [field, provider])) },
  };
}

/** A field's value: of the first owner that has it, else of the provider that changed it last. */
function resolve(
  { fields, speakers }: Voices,
  field: string,
  ownership: Readonly<Record<string, readonly string[]>>,
): Json | undefined {
  const having = Object.keys(fields)
    .filter((provider) => fields[provider]?.[field] !== undefined)
    .toSorted();
  const owners = Object.hasOwn(ownership, field) ? (ownership[field] ?? []) : [];
  const last = speakers[field];
  const speaker =
    owners.find((owner) => having.includes(owner)) ??
    (last !== undefined && having.includes(last) ? last : undefined) ??
    having[0];
  return speaker === undefined ? undefined : fields[speaker]?.[field];
}

/**
 * The entity after a provider has spoken. Only what the providers changed is changed: what the service itself set
 * meanwhile stays.
 * @param local the entity as it is; undefined if there is none
 */
export function merge(
  local: Fields | undefined,
  before: Voices,
  after: Voices,
  {
    ownership,
    comparison,
  }: { readonly ownership: Readonly<Record<string, readonly string[]>>; readonly comparison: Comparison },
): Fields {
  const names = new Set(
    [local ?? {}, ...Object.values(before.fields), ...Object.values(after.fields)].flatMap(Object.keys),
  );
  const merged: Record<string, Json> = {};
  for (const name of names) {
    const [was, is] = [resolve(before, name, ownership), resolve(after, name, ownership)];
    const isUnchanged = local !== undefined && differingFields(one(name, was), one(name, is), comparison).length === 0;
    const value = isUnchanged ? local[name] : is;
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

const one = (name: string, value: Json | undefined): Fields => (value === undefined ? {} : { [name]: value });
