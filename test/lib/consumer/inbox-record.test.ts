import { expect, it } from 'vitest';
import { readInboxRecord } from '../../../lib/consumer/inbox-record.ts';

it.each([
  [
    'completed',
    { status: { S: 'COMPLETED' }, expiration: { N: '1700000600' } },
    { status: 'completed', at: 1_700_000_000_000 },
  ],
  [
    'in progress',
    { status: { S: 'INPROGRESS' }, in_progress_expiration: { N: '1700000005000' } },
    { status: 'in-progress', until: 1_700_000_005_000 },
  ],
  ['of another state', { status: { S: 'EXPIRED' }, in_progress_expiration: { N: '1' } }, undefined],
  ['without a state', { in_progress_expiration: { N: '1' } }, undefined],
])('a record that is %s is read as such', (_what, item, record) => {
  expect(readInboxRecord(item as unknown as Parameters<typeof readInboxRecord>[0], 600)).toStrictEqual(record);
});
