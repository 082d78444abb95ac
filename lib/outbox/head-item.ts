import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { OUTBOX_ATTRIBUTES, OUTBOX_KIND } from '../contracts/index.ts';
import { assertStoredFormat, STORED_FORMAT_VALUE } from '../shared/stored-format.ts';
import type { EpochSeconds } from '../shared/time.ts';
import { headKey } from './event-record.ts';
import type { Item } from './item-size.ts';
import type { GroupHead, HeadMove } from './ports.ts';

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
