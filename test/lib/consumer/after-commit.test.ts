import { describe, expect, it } from 'vitest';
import { collectAfterCommit } from '../../../lib/consumer/after-commit.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, eventOf, messageOf } from './rig.ts';

const FAILED = 'an afterCommit action failed; the event stays handled';

const deposit = async (id: string) =>
  messageOf(JSON.stringify(await eventOf(Deposited, { accountId: '7', amount: 1 }, { id })), 'account#7');

describe('afterCommit actions', () => {
  it('run after the commit, one after another', async () => {
    const seen: unknown[] = [];
    const rig = createRig((_, { tx, afterCommit }) => {
      tx.put({ TableName: 'accounts', Item: { accountId: '7' } });
      afterCommit(async () => {
        await Promise.resolve();
        seen.push(rig.store.items('accounts').length);
      });
      afterCommit(() => void seen.push('second'));
      seen.push(rig.store.items('accounts').length);
    });

    await rig.handler(batchOf(await deposit('e1')), lambdaContext());

    expect(seen).toStrictEqual([0, 1, 'second']);
  });

  it('may add further actions', async () => {
    const seen: string[] = [];
    const { handler } = createRig((_, { afterCommit }) => {
      afterCommit(() => afterCommit(() => void seen.push('more')));
    });

    await handler(batchOf(await deposit('e1')), lambdaContext());

    expect(seen).toStrictEqual(['more']);
  });

  it('are logged as warnings if they fail, without failing the event or later actions', async () => {
    const seen: string[] = [];
    const { handler, lines, emitted } = createRig((_, { afterCommit }) => {
      afterCommit(() => {
        throw new Error('thrown at once');
      });
      afterCommit(() => Promise.reject(new Error('rejected')));
      afterCommit(() => void seen.push('third'));
    });

    const response = await handler(batchOf(await deposit('e1')), lambdaContext());

    expect(response).toStrictEqual({ batchItemFailures: [] });
    expect(seen).toStrictEqual(['third']);
    expect(lines).toMatchObject([
      { level: 'INFO', message: 'event handled' },
      { level: 'WARN', message: FAILED, event_id: 'e1', error: { message: 'thrown at once' } },
      { level: 'WARN', event_id: 'e1', error: { message: 'rejected' } },
    ]);
    expect(emitted[0]).toMatchObject({ EventsHandled: 1 });
    expect(emitted[0]).not.toHaveProperty('EventsFailed');
  });

  it('do not run if the handler fails', async () => {
    const seen: string[] = [];
    const { handler } = createRig((event, { afterCommit }) => {
      afterCommit(() => void seen.push(event.id));
      throw new Error('no');
    });

    await handler(batchOf(await deposit('e1')), lambdaContext());

    expect(seen).toStrictEqual([]);
  });

  it('do not run if the commit is refused', async () => {
    const seen: string[] = [];
    const { handler, store } = createRig((event, { tx, afterCommit }) => {
      afterCommit(() => void seen.push(event.id));
      tx.put({
        TableName: 'accounts',
        Item: { accountId: '7' },
        ConditionExpression: 'attribute_exists(accountId)',
      });
    });

    await handler(batchOf(await deposit('e1')), lambdaContext());

    expect(seen).toStrictEqual([]);
    expect(store.items('accounts')).toStrictEqual([]);
  });

  it('do not run again for a duplicate', async () => {
    const seen: string[] = [];
    const { handler } = createRig((event, { afterCommit }) => afterCommit(() => void seen.push(event.id)));

    await handler(batchOf(await deposit('e1'), await deposit('e1')), lambdaContext());

    expect(seen).toStrictEqual(['e1']);
  });

  it('warn when registered after the handler returned', async () => {
    let askLate: () => void = () => undefined;
    const seen: string[] = [];
    const { handler, lines } = createRig((_, { afterCommit }) => {
      askLate = () => afterCommit(() => void seen.push('late'));
    });

    await handler(batchOf(await deposit('e1')), lambdaContext());
    askLate();

    expect(seen).toStrictEqual([]);
    expect(lines.at(-1)).toMatchObject({
      level: 'WARN',
      message: 'afterCommit was called after the actions had run: call it before the handler returns',
    });
  });

  it('end at the invocation’s deadline, and the event stays handled', async () => {
    const deadline = new AbortController();
    const seen: string[] = [];
    const { handler, lines } = createRig(
      (_, { afterCommit }) => {
        afterCommit(() => void seen.push('in time'));
        afterCommit(() => {
          queueMicrotask(() => deadline.abort());
          return new Promise<void>(() => undefined);
        });
        afterCommit(() => void seen.push('too late'));
      },
      { timeoutSignal: () => deadline.signal },
    );

    const response = await handler(batchOf(await deposit('e1')), lambdaContext());

    expect(response).toStrictEqual({ batchItemFailures: [] });
    expect(seen).toStrictEqual(['in time']);
    expect(lines).toMatchObject([
      { level: 'INFO', message: 'event handled' },
      {
        level: 'WARN',
        message: FAILED,
        error: {
          code: 'AFTER_COMMIT_DEADLINE',
          message: expect.stringMatching(/^2 of the handler's afterCommit actions/),
        },
      },
    ]);
  });

  it('do not start if the deadline passed during the commit', async () => {
    const seen: string[] = [];
    const warned: unknown[] = [];
    const log = { warn: (_: string, { error }: { error: { message: string } }) => void warned.push(error.message) };
    const following = collectAfterCommit(log as never, AbortSignal.abort());
    following.afterCommit(() => void seen.push('too late'));
    following.afterCommit(() => void seen.push('too late'));

    await following.run();

    expect(seen).toStrictEqual([]);
    expect(warned).toStrictEqual([expect.stringMatching(/^2 of the handler's afterCommit actions/)]);
  });
});
