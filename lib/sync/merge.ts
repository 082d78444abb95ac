import { LOCAL_OWNER } from '../definitions/index.ts';
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

/** A field that the service and a provider have both changed since they were equal. */
export interface Conflict {
  readonly field: string;
  readonly winner: 'local' | 'provider';
}

export interface MergeRules {
  readonly ownership: Readonly<Record<string, readonly string[]>>;
  readonly comparison: Comparison;
  /** Whether the service's own change is the newer one. */
  readonly isLocalNewer: boolean;
}

export interface Merged {
  readonly entity: Fields;
  readonly conflicts: readonly Conflict[];
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

type Ownership = MergeRules['ownership'];

const ownersOf = (ownership: Ownership, field: string): readonly string[] =>
  Object.hasOwn(ownership, field) ? (ownership[field] ?? []) : [];

/** The first owner of a field that has a value for it; undefined if none has. */
export const ownerOf = (
  field: string,
  ownership: Ownership,
  { local, fields }: { readonly local: Fields | undefined; readonly fields: Voices['fields'] },
): string | undefined =>
  ownersOf(ownership, field).find((owner) => (owner === LOCAL_OWNER ? local : fields[owner])?.[field] !== undefined);

/** A field's value among providers: of the first owner that has it, else of the one that changed it last. */
function resolve({ fields, speakers }: Voices, field: string, ownership: Ownership): Json | undefined {
  const having = Object.keys(fields)
    .filter((provider) => fields[provider]?.[field] !== undefined)
    .toSorted();
  const last = speakers[field];
  const speaker =
    ownerOf(field, ownership, { local: undefined, fields }) ??
    (last !== undefined && having.includes(last) ? last : undefined) ??
    having[0];
  return speaker === undefined ? undefined : fields[speaker]?.[field];
}

/**
 * The entity after a provider has spoken. Only what the providers changed is changed: what the service itself set
 * meanwhile stays. A field that both have changed is its owner's, else the newer one counts.
 * @param local the entity as it is; undefined if there is none
 */
export function merge(local: Fields | undefined, before: Voices, after: Voices, rules: MergeRules): Merged {
  const { ownership, comparison, isLocalNewer } = rules;
  const names = new Set(
    [local ?? {}, ...Object.values(before.fields), ...Object.values(after.fields)].flatMap(Object.keys),
  );
  const entity: Record<string, Json> = {};
  const conflicts: Conflict[] = [];
  const differ = (name: string, a: Json | undefined, b: Json | undefined): boolean =>
    differingFields(one(name, a), one(name, b), comparison).length > 0;
  for (const name of names) {
    const [was, is] = [resolve(before, name, ownership), resolve(after, name, ownership)];
    const ours = local?.[name];
    const isConflict = was !== undefined && differ(name, was, is) && differ(name, was, ours) && differ(name, ours, is);
    const owner = ownerOf(name, ownership, { local, fields: after.fields });
    const isOurs =
      local !== undefined &&
      (owner === LOCAL_OWNER || !differ(name, was, is) || (isConflict && owner === undefined && isLocalNewer));
    const value = isOurs ? ours : is;
    if (value !== undefined) entity[name] = value;
    if (local !== undefined && isConflict && !comparison.ignore.includes(name)) {
      conflicts.push({ field: name, winner: isOurs ? 'local' : 'provider' });
    }
  }
  return { entity, conflicts };
}

const one = (name: string, value: Json | undefined): Fields => (value === undefined ? {} : { [name]: value });
