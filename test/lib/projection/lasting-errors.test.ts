import { describe, expect, it } from 'vitest';
import { type Disposition, WaybillError } from '../../../lib/definitions/index.ts';
import { isLasting } from '../../../lib/projection/errors.ts';
import { accounts, Opened } from './accounts.ts';
import { createRig } from './rig.ts';

class RefusedError extends WaybillError {
  readonly code: string;
  override readonly disposition: Disposition;

  constructor(code: string, disposition: Disposition) {
    super('refused');
    this.code = code;
    this.disposition = disposition;
  }
}

const named = (name: string) => Object.assign(new Error('refused by the service'), { name });

describe('an error of a rebuild', () => {
  it.each([
    ['of code that always fails', new RefusedError('PROJECTION_STEP_FAILED', 'permanent'), true],
    ['of a write that DynamoDB refuses', new RefusedError('OUTBOX_WRITE_REFUSED', 'retry'), true],
    ['of a transaction that DynamoDB refuses', new RefusedError('OUTBOX_REQUEST_REFUSED', 'retry'), true],
    ['of events that the log does not show', new RefusedError('LOG_HOLE', 'defer'), true],
    ['of an item of another tenant', new RefusedError('TENANT_ITEM_FOREIGN', 'retry'), true],
    ['that passes', new RefusedError('OUTBOX_THROTTLED', 'defer'), false],
    ['of a lost race', new RefusedError('OUTBOX_CONDITION_FAILED', 'lost-race'), false],
    ['of a request that the service refuses', named('ValidationException'), true],
    ['of a service that has too much to do', named('ThrottlingException'), false],
    ['that is a text', 'ValidationException', false],
    ['that is nothing', undefined, false],
  ])('is classified as permanent or temporary: one %s', (_, error, isMetAgain) => {
    expect(isLasting(error)).toBe(isMetAgain);
  });
});

describe('a temporary error while a rebuild processes a group', () => {
  it.each([
    ['Waybill', new RefusedError('OUTBOX_THROTTLED', 'defer')],
    ['AWS', named('ThrottlingException')],
  ])('stops the rebuild and marks no group as failed if it comes from %s', async (_, error) => {
    let commits = 0;
    const rig = createRig(accounts, {
      around: async (call, name) => {
        if (name === 'commit') commits += 1;
        if (name === 'commit' && commits === 1) throw error;
        return call();
      },
    });
    await rig.publish(Opened, { accountId: 'a', owner: 'ann' });
    await rig.rebuild.start({ acceptHorizon: false });

    await expect(rig.advanceToEnd()).rejects.toBe(error);

    expect(await rig.state.failed(2)).toStrictEqual([]);
    expect((await rig.advanceToEnd()).job).toMatchObject({ outcome: 'switched', events: 1 });
  });
});
