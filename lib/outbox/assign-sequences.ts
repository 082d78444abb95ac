import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { OUTBOX_ATTRIBUTES, OUTBOX_KIND, shown } from '../definitions/index.ts';
import { assertStoredFormat, STORED_FORMAT_VALUE } from '../shared/stored-format.ts';
import type { EpochSeconds } from '../shared/time.ts';
import { headKey } from './event-record.ts';
import type { Item } from './item-size.ts';
import type { GroupHead, HeadMove } from './ports.ts';
import { SequenceError } from './sequence-errors.ts';
import type { Publication } from './unit-of-work.ts';

export interface Assignment {
  /** The sequence of each publication, in the same order. */
  readonly sequences: readonly number[];
  /** For each publication: when all earlier events of its group have expired at the latest. */
  readonly previousExpires: readonly (EpochSeconds | undefined)[];
  readonly heads: readonly HeadMove[];
}

/** What is known about the groups before sequences are assigned. */
export interface KnownHeads {
  /** Heads that were read. They determine the next sequences. */
  readonly lastUsed: ReadonlyMap<string, GroupHead>;
  /** Groups whose head lags behind their aggregate's version. */
  readonly behind: ReadonlyMap<string, number>;
}

/**
 * Groups whose head assigns the sequence: all except groups of single events and of aggregates with their own versions.
 */
export function groupsWithHead(publications: readonly Publication[]): readonly string[] {
  const headed = publications.filter(({ draft, sequence }) => draft.grouped && sequence === undefined);
  return [...new Set(headed.map(({ draft }) => draft.envelope.partitionkey))];
}

/**
 * Assigns each event its sequence: head + 1, head + 2, … in the order of publishing, or the caller's own number.
 * @throws SequenceError `OUTBOX_SEQUENCE_INVALID` if the caller's sequences are not valid together
 */
export function assignSequences(
  publications: readonly Publication[],
  { lastUsed, behind }: KnownHeads,
  expires: EpochSeconds,
): Assignment {
  const next = new Map<string, GroupHead>(lastUsed);
  const previousExpires: (EpochSeconds | undefined)[] = [];
  const given = new Map<string, number[]>();
  const sequences = publications.map((publication) => {
    const { draft, sequence } = publication;
    const { partitionkey: group } = draft.envelope;
    // single events and versioned events have no head that was read
    previousExpires.push(next.get(group)?.lastExpires);
    if (sequence !== undefined) {
      assertGiven(publication, sequence, lastUsed);
      given.set(group, [...(given.get(group) ?? []), sequence]);
      return sequence;
    }
    const { last = 0, lastExpires = expires } = next.get(group) ?? {};
    // after the retention is reduced, earlier events still expire at their old time
    next.set(group, { last: last + 1, lastExpires: Math.max(lastExpires, expires) as EpochSeconds });
    return last + 1;
  });
  const numbered = [...lastUsed].map(([group, { last: from }]): HeadMove => {
    const { last: to = from, lastExpires = expires } = next.get(group) ?? {};
    return { group, from, to, lastExpires };
  });
  const versioned = [...given].map(([group, numbers]) => versionHeadUpdate(group, numbers, behind.has(group)));
  return { sequences, previousExpires, heads: [...numbered, ...versioned] };
}

function assertGiven({ draft }: Publication, sequence: number, lastUsed: ReadonlyMap<string, GroupHead>): void {
  const { type, partitionkey: group } = draft.envelope;
  if (!Number.isSafeInteger(sequence) || sequence < 1) {
    throw new SequenceError(`the sequence of '${type}' must be a whole number from 1, got ${shown(sequence)}`);
  }
  if (!draft.grouped) {
    throw new SequenceError(
      `'${type}' was given sequence ${sequence}, but it has no group: leave the sequence out, or add a group to the event's definition`,
    );
  }
  if (lastUsed.has(group)) {
    throw new SequenceError(
      `group '${group}' has events with and without a given sequence in one transaction ('${type}' has ${sequence}): set it for all events or for none`,
    );
  }
}

/** The head update for caller-given sequences: from `first - 1` to `last`. */
function versionHeadUpdate(group: string, given: readonly number[], isBehind: boolean): HeadMove {
  const numbers = given.toSorted((a, b) => a - b);
  for (const [index, number] of numbers.entries()) {
    const before = numbers[index - 1];
    if (before === number) {
      throw new SequenceError(`sequence ${number} of group '${group}' is used twice in one transaction`);
    }
    if (before !== undefined && before !== number - 1) {
      throw new SequenceError(
        `sequences ${before} and ${number} of group '${group}' are used in one transaction without those between them: publish every version`,
      );
    }
  }
  const [first = 1] = numbers;
  const to = numbers.at(-1) ?? first;
  return { group, from: first - 1, to, by: isBehind ? 'versions-after-event' : 'versions' };
}

/** Reads a head from its item; without an item the group has no head. */
export function readHead(item: Item | undefined): GroupHead {
  assertStoredFormat(item, 'the head of a group');
  const lastExpires = item?.[OUTBOX_ATTRIBUTES.lastExpires]?.N;
  return {
    last: Number(item?.[OUTBOX_ATTRIBUTES.last]?.N ?? 0),
    ...(lastExpires === undefined ? {} : { lastExpires: Number(lastExpires) as EpochSeconds }),
    ...(item?.[OUTBOX_ATTRIBUTES.versioned]?.BOOL === true ? { versioned: true } : {}),
  };
}

/** The conditions of a head update: the head is at `from`, and the group's sequences come from the same source. */
const CONDITIONS: Readonly<Record<NonNullable<HeadMove['by']>, { readonly first: string; readonly later: string }>> = {
  head: { first: 'attribute_not_exists(#last)', later: '#last = :from AND attribute_not_exists(#versioned)' },
  versions: { first: 'attribute_not_exists(#last)', later: '#last = :from AND #versioned = :true' },
  'versions-after-event': {
    first: 'attribute_not_exists(#last)',
    later: 'attribute_not_exists(#last) OR (#last < :from AND #versioned = :true)',
  },
};

/** The update of a group's head. */
export function headUpdate(
  tableName: string,
  { group, from, to, lastExpires, by = 'head' }: HeadMove,
): TransactWriteItem {
  const ownsNumbers = by !== 'head';
  const namesVersioned = ownsNumbers || from > 0;
  return {
    Update: {
      TableName: tableName,
      Key: headKey(group),
      UpdateExpression: [
        'SET #last = :to, #kind = :head, #format = :format',
        ...(ownsNumbers ? ['#versioned = :true'] : []),
        ...(lastExpires === undefined ? [] : ['#lastExpires = :lastExpires']),
      ].join(', '),
      ConditionExpression: CONDITIONS[by][from === 0 ? 'first' : 'later'],
      ExpressionAttributeNames: {
        '#last': OUTBOX_ATTRIBUTES.last,
        '#kind': OUTBOX_ATTRIBUTES.kind,
        '#format': 'format',
        ...(namesVersioned && { '#versioned': OUTBOX_ATTRIBUTES.versioned }),
        ...(lastExpires !== undefined && { '#lastExpires': OUTBOX_ATTRIBUTES.lastExpires }),
      },
      ExpressionAttributeValues: {
        ':to': { N: String(to) },
        ':head': { S: OUTBOX_KIND.head },
        ':format': STORED_FORMAT_VALUE.format,
        ...(from > 0 && { ':from': { N: String(from) } }),
        ...(ownsNumbers && { ':true': { BOOL: true } }),
        ...(lastExpires !== undefined && { ':lastExpires': { N: String(lastExpires) } }),
      },
      // the current head tells a used sequence from a missing one
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}
