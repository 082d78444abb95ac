import type { Detection } from '../definitions/index.ts';
import { jsonProblems } from '../shared/json-values.ts';
import { describeProblems } from '../shared/plain-values.ts';
import { describeViolations, violationsOf } from '../shared/schema-issues.ts';
import { describeThrown } from '../shared/thrown.ts';
import type { EpochMs } from '../shared/time.ts';
import { type Comparison, hashOf } from './canonical-json.ts';
import type { Change, ChangeOrigin, Json, Version } from './change.ts';
import type { Incoming, ParkReason } from './decide.ts';

/** The code of a record that waits for another. It is no fault of the record. */
export const REFERENCE_MISSING = 'SYNC_REFERENCE_MISSING';

export interface TranslateDeps {
  readonly detection: Detection;
  readonly comparison: Comparison;
  /** The local id of a provider's record of a sync; undefined if it is not here. */
  readonly findReferenced: (sync: string, externalId: string) => Promise<string | undefined>;
}

export interface Arrived {
  readonly change: Change;
  readonly origin: ChangeOrigin;
  readonly readAt: EpochMs;
  /** The last row as it is stored. */
  readonly lastRow: string | undefined;
}

export type Translated =
  | { readonly kind: 'incoming'; readonly incoming: Incoming; readonly row: string | undefined }
  | { readonly kind: 'park'; readonly reason: ParkReason }
  /** A part of a row, and the rest is not known here. */
  | { readonly kind: 'incomplete' };

const park = (code: string, message: string): Translated => ({ kind: 'park', reason: { code, message } });

type Row = Readonly<Record<string, unknown>>;

/** Converts a change from the provider's fields to the entity's. */
export async function translate(
  { detection, comparison, findReferenced }: TranslateDeps,
  { change, origin, readAt, lastRow }: Arrived,
): Promise<Translated> {
  if (change.kind === 'delete') {
    return { kind: 'incoming', incoming: { kind: 'delete', version: change.version, origin, readAt }, row: lastRow };
  }
  const raw = wholeRow(change, detection, lastRow);
  if (raw === undefined) return { kind: 'incomplete' };
  const parsed = await detection.schema['~standard'].validate(raw);
  if (parsed.issues !== undefined) {
    return park('SYNC_ROW_INVALID', describeViolations(violationsOf(parsed.issues, raw)));
  }
  // the schema of a row is one of an object
  const row = parsed.value as Row;
  if (String(row[detection.id]) !== change.externalId) {
    return park('SYNC_ID_MISMATCH', `'${detection.id}' of the row is not the id under which the source returned it`);
  }
  const version = change.version ?? versionOf(row, detection);
  const kept = detection.partialRows ? JSON.stringify(knownMembers(raw, row)) : undefined;
  try {
    if (detection.filter !== undefined && !detection.filter(row)) {
      return { kind: 'incoming', incoming: { kind: 'delete', version, origin, readAt }, row: kept };
    }
  } catch (error) {
    return park('SYNC_MAPPING_FAILED', `the filter threw ${describeThrown(error).code}`);
  }
  const fields: Record<string, Json> = {};
  for (const [name, mapping] of Object.entries(detection.mapping)) {
    let value: unknown;
    if (typeof mapping === 'string') value = row[mapping];
    else if (typeof mapping === 'function') {
      try {
        value = mapping(row);
      } catch (error) {
        // without the message, which may quote the row
        return park('SYNC_MAPPING_FAILED', `the mapping of '${name}' threw ${describeThrown(error).code}`);
      }
    } else if (mapping.kind === 'reference') {
      const externalId = row[mapping.field] ?? undefined;
      value = externalId === undefined ? row[mapping.field] : await findReferenced(mapping.sync, String(externalId));
      if (value === undefined && externalId !== undefined) {
        return park(REFERENCE_MISSING, `'${name}' refers to a record of '${mapping.sync}' that is not here yet`);
      }
    }
    const problems = jsonProblems(value);
    if (problems.length > 0) {
      return park('SYNC_MAPPING_FAILED', `the mapping of '${name}' makes no JSON: ${describeProblems(problems)}`);
    }
    if (value !== undefined) fields[name] = JSON.parse(JSON.stringify(value)) as Json;
  }
  const incoming: Incoming = { kind: 'upsert', version, origin, readAt, fields, hash: hashOf(fields, comparison) };
  return { kind: 'incoming', incoming, row: kept };
}

function wholeRow(
  { raw, complete }: Extract<Change, { kind: 'upsert' }>,
  { partialRows }: Detection,
  lastRow: string | undefined,
): unknown {
  if (complete) return raw;
  if (!partialRows || lastRow === undefined || typeof raw !== 'object' || raw === null) return undefined;
  return { ...(JSON.parse(lastRow) as Row), ...raw };
}

/** Members that the schema knows: unknown ones are nobody's and may be personal. */
const knownMembers = (raw: unknown, row: Row): Row =>
  Object.fromEntries(Object.entries({ ...(raw as Row) }).filter(([name]) => Object.hasOwn(row, name)));

function versionOf(row: Row, { version }: Detection): Version | undefined {
  const value = version === undefined ? undefined : row[version];
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}
