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
  /** The sequence of each publication, in their order. */
  readonly sequences: readonly number[];
  /** Of each publication: from when on retention may have taken all earlier events of its group. */
  readonly previousExpires: readonly (EpochSeconds | undefined)[];
  readonly heads: readonly HeadMove[];
}

/** What is known of the groups before their sequences are given. */
export interface KnownHeads {
  /** Heads that were read: they give the sequence. */
  readonly lastUsed: ReadonlyMap<string, GroupHead>;
  /** Groups whose head is behind their aggregate's version. */
  readonly behind: ReadonlyMap<string, number>;
}

/** Groups whose head gives the sequence: all but those of single events and of aggregates with their own versions. */
export function groupsWithHead(publications: readonly Publication[]): readonly string[] {
  const headed = publications.filter(({ draft, sequence }) => draft.grouped && sequence === undefined);
  return [...new Set(headed.map(({ draft }) => draft.envelope.partitionkey))];
}

/**
 * Gives each event its place: head + 1, head + 2, … in the order of publishing, or the caller's own number.
 * @throws SequenceError `OUTBOX_SEQUENCE_INVALID` for sequences of the caller's that cannot stand together
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
    // single events, and those with versions, have no head to be known
    previousExpires.push(next.get(group)?.lastExpires);
    if (sequence !== undefined) {
      assertGiven(publication, sequence, lastUsed);
      given.set(group, [...(given.get(group) ?? []), sequence]);
      return sequence;
    }
    const { last = 0, lastExpires = expires } = next.get(group) ?? {};
    // a shorter retention than before does not make earlier events expire sooner
    next.set(group, { last: last + 1, lastExpires: Math.max(lastExpires, expires) as EpochSeconds });
    return last + 1;
  });
  const numbered = [...lastUsed].map(([group, { last: from }]): HeadMove => {
    const { last: to = from, lastExpires = expires } = next.get(group) ?? {};
    return { group, from, to, lastExpires };
  });
  const versioned = [...given].map(([group, numbers]) => versionMove(group, numbers, behind.has(group)));
  return { sequences, previousExpires, heads: [...numbered, ...versioned] };
}

function assertGiven({ draft }: Publication, sequence: number, lastUsed: ReadonlyMap<string, GroupHead>): void {
  const { type, partitionkey: group } = draft.envelope;
  if (!Number.isSafeInteger(sequence) || sequence < 1) {
    throw new SequenceError(`the sequence of '${type}' must be a whole number from 1, got ${shown(sequence)}`);
  }
  if (!draft.grouped) {
    throw new SequenceError(
      `'${type}' was given sequence ${sequence}, but it has no group to be counted in: leave the sequence out, or give the event's definition a group`,
    );
  }
  if (lastUsed.has(group)) {
    throw new SequenceError(
      `group '${group}' has events with and without a given sequence in one transaction ('${type}' gave ${sequence}): give it for all or for none`,
    );
  }
}

/** From the number before the first that is given to the last. */
function versionMove(group: string, given: readonly number[], isBehind: boolean): HeadMove {
  const numbers = given.toSorted((a, b) => a - b);
  for (const [index, number] of numbers.entries()) {
    const before = numbers[index - 1];
    if (before === number) {
      throw new SequenceError(`sequence ${number} of group '${group}' is given twice in one transaction`);
    }
    if (before !== undefined && before !== number - 1) {
      throw new SequenceError(
        `sequences ${before} and ${number} of group '${group}' are given in one transaction without those between them: publish every version`,
      );
    }
  }
  const [first = 1] = numbers;
  const to = numbers.at(-1) ?? first;
  return { group, from: first - 1, to, by: isBehind ? 'proven-versions' : 'versions' };
}

/** A head as its item holds it; without an item the group has none. */
export function readHead(item: Item | undefined): GroupHead {
  assertStoredFormat(item, 'the head of a group');
  const lastExpires = item?.[OUTBOX_ATTRIBUTES.lastExpires]?.N;
  return {
    last: Number(item?.[OUTBOX_ATTRIBUTES.last]?.N ?? 0),
    ...(lastExpires === undefined ? {} : { lastExpires: Number(lastExpires) as EpochSeconds }),
    ...(item?.[OUTBOX_ATTRIBUTES.versioned]?.BOOL === true ? { versioned: true } : {}),
  };
}

/** When the head may be moved: it stands at `from`, and whoever moves it is the one who gives the group's numbers. */
const CONDITIONS: Readonly<Record<NonNullable<HeadMove['by']>, { readonly first: string; readonly later: string }>> = {
  head: { first: 'attribute_not_exists(#last)', later: '#last = :from AND attribute_not_exists(#versioned)' },
  versions: { first: 'attribute_not_exists(#last)', later: '#last = :from AND #versioned = :true' },
  'proven-versions': {
    first: 'attribute_not_exists(#last)',
    later: 'attribute_not_exists(#last) OR (#last < :from AND #versioned = :true)',
  },
};

/** The update that moves a head. */
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
      // the head as it stands tells a number that is taken from one that is missing
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}
