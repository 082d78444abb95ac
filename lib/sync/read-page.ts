import { createHash } from 'node:crypto';
import { type Detection, isTimestamp, lagAndOverlapOf, shown } from '../definitions/index.ts';
import type { EpochMs } from '../shared/time.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Change } from './change.ts';
import { SyncSourceError } from './errors.ts';
import type { ChangePage, PageToken, Position } from './ports.ts';
import { isSamePosition, type TrailEntry } from './state.ts';

/** What an increment remembers of where it is. */
export interface Place {
  readonly position: Position | undefined;
  readonly trail: readonly TrailEntry[];
  /** Digest of the last page. */
  readonly digest: string | undefined;
}

export interface PageRead {
  /** To be taken now. */
  readonly changes: readonly Change[];
  /** Rows of a time that has not settled: left for a later run. */
  readonly tooFresh: number;
  readonly place: Place;
  /** Whether nothing is left to read. */
  readonly isEnd: boolean;
}

export interface PageContext {
  readonly label: string;
  readonly detection: Detection;
  readonly place: Place;
  /** RFC 3339; undefined for opaque cursors and full reads. */
  readonly until: string | undefined;
  readonly isFull: boolean;
}

/**
 * What is to be taken of a page, and where to go on after it.
 * @throws SyncSourceError if reading on would lose records or never end
 */
export function readPage(page: ChangePage, context: PageContext): PageRead {
  const { label, detection, place, isFull } = context;
  const { cursor } = detection;
  assertToken(page.cursor, context);
  const digest = digestOf(page.changes);
  if (!page.last && page.changes.length > 0 && digest === place.digest) throw stuck(label);
  if (isFull || cursor.kind === 'opaque') {
    if (!page.last && page.cursor === undefined) {
      throw new SyncSourceError(
        'SYNC_CURSOR_MISSING',
        `${label} returned a page without a cursor that is not the last one: a run could not go on after it`,
      );
    }
    const position = page.cursor === undefined ? place.position : { page: page.cursor };
    if (!page.last && isSamePosition(position, place.position)) throw stuck(label);
    return { changes: page.changes, tooFresh: 0, place: { ...place, position, digest }, isEnd: page.last };
  }
  return readTimestampPage(page, { ...context, cursor, digest });
}

function readTimestampPage(
  page: ChangePage,
  {
    label,
    place,
    until,
    cursor,
    digest,
  }: PageContext & { readonly cursor: Extract<Detection['cursor'], { kind: 'timestamp' }>; readonly digest: string },
): PageRead {
  const limit = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);
  const changes: Change[] = [];
  let tooFresh = 0;
  let { position, trail } = place;
  let last = instantOf(position?.value);
  for (const change of page.changes) {
    const value = literalOf(change, cursor.field);
    if (value === undefined) {
      changes.push(change);
      continue;
    }
    const at = instantOf(value);
    if (at === undefined) {
      throw new SyncSourceError(
        'SYNC_CURSOR_UNREADABLE',
        `'${cursor.field}' of a row of ${label} must be RFC 3339 with an offset, such as '2026-07-01T00:00:00Z', got ${shown(value)}: convert it in the source, or use an opaque cursor`,
      );
    }
    if (at > limit) {
      tooFresh++;
      continue;
    }
    if (last !== undefined && at < last) {
      throw new SyncSourceError(
        'SYNC_UNSORTED',
        `${label} returned a row of ${shown(value)} after a later one: it must return rows in ascending order of '${cursor.field}', or be declared with an opaque cursor`,
      );
    }
    last = at;
    changes.push(change);
    position = { value, id: change.externalId };
    trail = extendTrail(trail, { value, id: change.externalId, at }, lagAndOverlapOf(cursor).overlapSeconds);
  }
  // rows are in order: what follows one that is too fresh is too fresh as well
  const isEnd = page.last || tooFresh > 0;
  const next = isEnd || page.cursor === undefined ? position : { ...position, page: page.cursor };
  if (!isEnd && isSamePosition(next, place.position)) throw stuck(label);
  return { changes, tooFresh, place: { position: next, trail, digest }, isEnd };
}

/**
 * Where an increment begins: at a literal of the provider that is at least the overlap before the end of the last one.
 * Undefined for the beginning.
 */
export function startOf(
  detection: Detection,
  { position, trail }: Pick<Place, 'position' | 'trail'>,
): Position | undefined {
  if (detection.cursor.kind === 'opaque' || position?.value === undefined) return position;
  const { overlapSeconds } = lagAndOverlapOf(detection.cursor);
  if (overlapSeconds === 0) return { value: position.value, ...(position.id !== undefined && { id: position.id }) };
  const end = instantOf(position.value) ?? 0;
  const begin = trail.findLast(({ at }) => at <= end - overlapSeconds * 1000);
  return begin === undefined ? undefined : { value: begin.value, id: begin.id };
}

/** Keeps a literal for each half of the overlap, and one that is older than the overlap. */
function extendTrail(trail: readonly TrailEntry[], entry: TrailEntry, overlapSeconds: number): readonly TrailEntry[] {
  const overlapMs = overlapSeconds * 1000;
  const newest = trail.at(-1);
  // rows of the overlap are read again and change nothing
  if (newest !== undefined && entry.at <= newest.at + overlapMs / 2) return trail;
  const extended = [...trail, entry];
  return extended.slice(
    Math.max(
      extended.findLastIndex(({ at }) => at <= entry.at - overlapMs),
      0,
    ),
  );
}

/** The further one of two positions of a timestamp cursor; the second one of others. */
export function furtherOf(settled: Position | undefined, read: Position | undefined): Position | undefined {
  const [before, after] = [instantOf(settled?.value), instantOf(read?.value)];
  return before !== undefined && (after === undefined || after < before) ? settled : read;
}

function literalOf(change: Change, field: string): string | undefined {
  if (change.kind === 'delete' || typeof change.raw !== 'object' || change.raw === null) return undefined;
  const value: unknown = Reflect.get(change.raw, field);
  return typeof value === 'string' ? value : undefined;
}

const instantOf = (literal: string | undefined): EpochMs | undefined =>
  literal !== undefined && isTimestamp(literal) ? (Date.parse(literal) as EpochMs) : undefined;

function assertToken(token: PageToken | undefined, { label, isFull }: PageContext): void {
  // the type excludes it, JavaScript does not
  const given: unknown = token;
  if (isFull || typeof given !== 'number') return;
  throw new SyncSourceError(
    'SYNC_CURSOR_OFFSET',
    `${label} returned the number ${given} as a cursor: an offset moves when rows are added or removed; go on after the last row, or use the provider's own token`,
  );
}

const stuck = (label: string): SyncSourceError =>
  new SyncSourceError(
    'SYNC_STUCK',
    `${label} returned the same page twice: it must go on after (value, id), or after the token of the page`,
  );

const digestOf = (changes: readonly Change[]): string =>
  createHash('sha256').update(canonicalJson(changes)).digest('base64url');
