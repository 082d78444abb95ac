import { expect, it } from 'vitest';
import { CONSUMERS_TO_COME, REVISIONS, stateAfter } from '../../../local/redeploy/revisions.ts';

it('changes the shop in every way that a deployment may', () => {
  expect(new Set(REVISIONS.flatMap(({ changes }) => changes.map(({ kind }) => kind)))).toStrictEqual(
    new Set([
      'consumer-added',
      'type-added',
      'schema-version',
      'consumer-renamed',
      'type-removed',
      'ordering',
      'claim',
    ]),
  );
  expect(CONSUMERS_TO_COME).toStrictEqual(['loyalty', 'points-statement']);
});

it('starts with the unchanged shop, and keeps the earlier changes in each later revision', () => {
  expect(stateAfter(0)).toStrictEqual({
    loyalty: undefined,
    statement: undefined,
    notificationsId: 'Notifications',
    creditNotes: 'fifo',
    claim: 'commit',
  });
  expect(stateAfter(4)).toStrictEqual({
    loyalty: { takesPayments: true, publishesVersion: 2 },
    statement: { readsVersion: 2, ordering: 'strict' },
    notificationsId: 'CustomerMail',
    creditNotes: 'strict',
    claim: 'commit',
  });
});

it('changes how a strict and a fifo consumer claim events back and forth', () => {
  expect([0, 1, 2, 3, 4].map((count) => stateAfter(count).claim)).toStrictEqual([
    'commit',
    'before',
    'commit',
    'before',
    'commit',
  ]);
});
