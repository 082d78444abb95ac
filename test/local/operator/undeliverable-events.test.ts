import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createUndeliverableEvents } from '../../../local/operator/undeliverable-events.ts';

const arnOf = (consumer: string) => `arn:aws:sqs:eu-west-1:123456789012:${consumer}-undeliverable`;

/** Two consumers; the command sends what it may, and leaves the rest. */
function open(messages: Record<string, string[]>, isLeft: (messageId: string) => boolean = () => false) {
  const commands: string[] = [];
  const topologyOf = () => ({
    consumers: ['billing', 'mail'].map((name) => ({ name, undeliverableQueueArns: [arnOf(name)] })),
  });
  let topology = topologyOf();
  const events = createUndeliverableEvents({
    topology: () => topology,
    sqs: {
      peek: (arn) =>
        Object.entries(messages)
          .filter(([name]) => arnOf(name) === arn)
          .flatMap(([, ids]) => ids)
          .map((messageId) => ({
            messageId,
            body: '',
            attributes: {},
            state: 'visible' as const,
            receiveCount: 0,
            sentAt: 0 as EpochMs,
          })),
    },
    commandAnswer: async (args) => {
      commands.push(args.join(' '));
      const name = args.at(-1) ?? '';
      const found = messages[name] ?? [];
      messages[name] = found.filter(isLeft);
      return { messages: found.map((messageId) => ({ kind: isLeft(messageId) ? 'left' : 'sent', messageId })) };
    },
  });
  return {
    events,
    commands,
    deploy() {
      topology = topologyOf();
    },
  };
}

describe('the operator of a run', () => {
  it('delivers the undeliverable events of each consumer with the command of the runbook', async () => {
    const { events, commands } = open({ billing: ['1', '2'], mail: [] });
    const before = events.waiting();

    expect([before, await events.deliver(), events.waiting()]).toStrictEqual([2, 2, 0]);
    expect(commands).toStrictEqual(['deliver --consumer billing']);
    expect(events.delivered()).toBe(2);
  });

  it('does not retry events that the command has left, until a deployment may have changed the rules', async () => {
    const messages: Record<string, string[]> = { billing: ['1'], mail: ['2'] };
    const { events, commands, deploy } = open(messages, (messageId) => messageId === '1');

    expect([await events.deliver(), events.waiting()]).toStrictEqual([1, 0]);
    messages['mail']?.push('3');
    expect([events.waiting(), await events.deliver(), events.waiting()]).toStrictEqual([1, 1, 0]);
    deploy();
    expect([events.waiting(), await events.deliver(), events.waiting()]).toStrictEqual([1, 0, 0]);
    expect(commands).toStrictEqual([
      'deliver --consumer billing',
      'deliver --consumer mail',
      'deliver --consumer mail',
      'deliver --consumer billing',
    ]);
  });
});
