import { describe, expect, it } from 'vitest';
import {
  ProjectionCatchingUpError,
  ProjectionContentionError,
  ProjectionOutdatedError,
  ProjectionRebuildRequiredError,
  ProjectionStepError,
  RebuildRefusedError,
  ViewPageError,
  ViewQueryError,
} from '../../../lib/projection/index.ts';
import { accounts, Opened } from './accounts.ts';
import { createRig } from './rig.ts';

const CAUSE = new Error('no');
const PLACE = { group: 'account#a', sequence: 3, type: 'com.example.account.moved' };

describe('a projection error', () => {
  it.each([
    [
      new ProjectionStepError('accounts', PLACE, CAUSE),
      { code: 'PROJECTION_STEP_FAILED', group: 'account#a', sequence: 3, cause: CAUSE },
      "projection 'accounts' failed at event 3 of group 'account#a' ('com.example.account.moved'): no",
    ],
    [
      new ProjectionCatchingUpError('accounts', 'account#a', 2),
      { code: 'PROJECTION_CATCHING_UP', disposition: 'defer', retryAfterSeconds: 1 },
      "group 'account#a' is still being replayed into generation 2 of 'accounts': the event will be retried",
    ],
    [
      new ProjectionRebuildRequiredError('accounts', 1, "index 'byOwner' of its table was added or changed"),
      { code: 'PROJECTION_REBUILD_REQUIRED', disposition: 'defer', retryAfterSeconds: 60 },
      "the view of 'accounts' is not complete: index 'byOwner' of its table was added or changed since generation 1 was built; rebuild it: npx waybill rebuild accounts",
    ],
    [
      new ProjectionContentionError('accounts', 'account#a', CAUSE),
      { code: 'PROJECTION_CONTENTION', cause: CAUSE },
      "group 'account#a' cannot be written to the view of 'accounts': other writers changed the same items at every attempt; if many groups change one item, use defineCounters",
    ],
    [
      new ProjectionOutdatedError('accounts', 1, { generation: 3, version: 2 }),
      { code: 'PROJECTION_OUTDATED', disposition: 'defer', retryAfterSeconds: 10 },
      "projection 'accounts' has version 1, but generation 3 of its view was built by version 2: older code does not write to it; deploy version 2 or later",
    ],
    [new ViewPageError('gone'), { code: 'PROJECTION_PAGE_GONE' }, 'gone'],
    [new ViewQueryError('odd'), { code: 'PROJECTION_QUERY_INVALID' }, 'odd'],
    [new RebuildRefusedError('REBUILD_BUSY', 'busy'), { code: 'REBUILD_BUSY' }, 'busy'],
  ])('says what failed, whether a retry can succeed and what to do: %o', (error, members, message) => {
    expect(error).toMatchObject({ ...members, message });
  });

  it('contains the invalid result of a step', async () => {
    const rig = createRig({ ...accounts, keys: () => [{ accountId: '' }] });

    await expect(rig.handle(await rig.publish(Opened, { accountId: 'a', owner: 'ann' }))).rejects.toMatchObject({
      code: 'PROJECTION_STEP_FAILED',
      cause: { code: 'PROJECTION_RESULT_INVALID' },
    });
  });
});
