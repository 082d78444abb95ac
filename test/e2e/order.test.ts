import { StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventBridgeFaults } from '../../local/eventbridge/eventbridge.ts';
import type { LambdaFaults } from '../../local/lambda/faults.ts';
import { type Bank, startBank } from './bank/start-bank.ts';

/** What the test at hand lets go wrong. */
let busFaults: EventBridgeFaults = {};
let onInvocation: LambdaFaults['onInvocation'] = () => undefined;
let bank: Bank;

beforeAll(async () => {
  bank = await startBank({
    eventBridge: { onDelivery: (delivery) => busFaults.onDelivery?.(delivery) },
    lambda: { onInvocation: (invocation) => onInvocation(invocation) },
  });
});

beforeEach(() => {
  busFaults = {};
  onInvocation = () => undefined;
});

afterAll(() => bank.close());

const deadLetters = () => {
  const { arn = '' } = bank.queue('accounts', 'DeadLetterQueue');
  return bank.run.sqs.peek(arn);
};

describe('a dead letter of a strict consumer', () => {
  it('holds its own group and no other; a redrive completes the group in order', async () => {
    const [first = '', failing = '', third = '', fourth = ''] = await bank.publish(
      { accountId: 'held' },
      { accountId: 'held', behaviour: 'fail-until-mended' },
      { accountId: 'held' },
      { accountId: 'held' },
    );
    const [other = ''] = await bank.publish({ accountId: 'free' });
    await bank.settle();

    expect(await bank.journal('held')).toStrictEqual([first]);
    expect(await bank.journal('free')).toStrictEqual([other]);
    expect(deadLetters().map(({ body }) => JSON.parse(body).id)).toStrictEqual([failing]);

    const [later = ''] = await bank.publish({ accountId: 'held' });
    await bank.settle();
    expect(await bank.journal('held')).toStrictEqual([first]);
    expect(deadLetters()).toHaveLength(1);

    await bank.mend();
    const { arn } = bank.queue('accounts', 'DeadLetterQueue');
    await bank.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn }));
    await bank.settle();

    expect(await bank.journal('held')).toStrictEqual([first, failing, third, fourth, later]);
    expect(deadLetters()).toStrictEqual([]);
  });
});

describe('a bus that does not preserve order', () => {
  it('does not change the order of effects', async () => {
    let deliveries = 0;
    busFaults = { onDelivery: () => ({ delayMs: deliveries++ % 2 === 0 ? 2_000 : 0 }) };

    const ids = await bank.publish(...Array.from({ length: 8 }, () => ({ accountId: 'shuffled' })));
    await bank.settle();

    expect(await bank.journal('shuffled')).toStrictEqual([...ids]);
  });

  it('loses a delivery, and the next event of the group causes a resend', async () => {
    let deliveries = 0;
    busFaults = {
      onDelivery: ({ targetArn }) =>
        targetArn === bank.queue('accounts', 'Queue').arn && ++deliveries === 2 ? { copies: 0 } : undefined,
    };

    const ids = await bank.publish({ accountId: 'gap' }, { accountId: 'gap' }, { accountId: 'gap' });
    await bank.settle();

    expect(deliveries).toBe(3);
    expect(await bank.journal('gap')).toStrictEqual([...ids]);
  });
});

describe('a consumer that is killed', () => {
  it.each([
    ['before its commit', 'die-once', 2],
    ['after its commit, before it returns', 'die-after-commit-once', 1],
  ] as const)('%s repeats no effect', async (_, behaviour, attempts) => {
    const accountId = `killed-${behaviour}`;
    const [id = '', next = ''] = await bank.publish({ accountId, behaviour }, { accountId });
    await bank.settle();

    expect(await bank.attempts(id)).toBe(attempts);
    expect(await bank.journal(accountId)).toStrictEqual([id, next]);
    expect((await bank.effects())[id]).toBe(1);
  });

  it('after it has returned but before its messages are deleted repeats no effect', async () => {
    let kills = 0;
    onInvocation = ({ functionName, payload }) =>
      functionName.includes('accounts') && payload.includes('account#returned') && kills++ === 0
        ? 'crash-after-handler'
        : undefined;

    const ids = await bank.publish({ accountId: 'returned' }, { accountId: 'returned' });
    await bank.settle();

    expect(kills).toBeGreaterThan(1);
    expect(await bank.journal('returned')).toStrictEqual([...ids]);
    expect(await bank.effects()).toMatchObject(Object.fromEntries(ids.map((id) => [id, 1])));
  });
});
