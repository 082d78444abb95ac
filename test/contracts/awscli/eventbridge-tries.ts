import { deepEqual, equal, partialDeepStrictEqual } from 'node:assert/strict';
import type { Tries } from './tries.ts';

const SHOP = ['--event-bus-name', 'shop'];
const PATTERN = '{"source":["orders"]}';

export function eventBridgeTries(queueArn: string, queueUrl: string): Tries {
  return {
    'events create-event-bus, put-rule, put-targets, list-rules': async (cli) => {
      await cli.run('events', 'create-event-bus', '--name', 'shop');
      await cli.run('events', 'put-rule', '--name', 'to-plain', ...SHOP, '--event-pattern', PATTERN);
      await cli.run('events', 'put-targets', '--rule', 'to-plain', ...SHOP, '--targets', `Id=1,Arn=${queueArn}`);
      deepEqual(await cli.run('events', 'list-rules', ...SHOP, '--query', 'Rules[].[Name,EventPattern]'), [
        ['to-plain', PATTERN],
      ]);
    },
    'events put-events, received from the queue': async (cli) => {
      const entry = { EventBusName: 'shop', Source: 'orders', DetailType: 'placed', Detail: '{"id":"o-1"}' };
      const put = await cli.run('events', 'put-events', '--entries', JSON.stringify([entry]));
      partialDeepStrictEqual(put, { FailedEntryCount: 0 });
      const asked = ['--queue-url', queueUrl, '--wait-time-seconds', '5', '--query', 'Messages[0].Body'];
      const body = await cli.run('sqs', 'receive-message', ...asked);
      partialDeepStrictEqual(JSON.parse(String(body)), { source: 'orders', detail: { id: 'o-1' } });
    },
    'events test-event-pattern': async (cli) => {
      const event = {
        id: '1',
        'detail-type': 'placed',
        source: 'orders',
        account: '111122223333',
        time: '2026-01-01T00:00:00Z',
        region: 'eu-central-1',
        resources: [],
        detail: {},
      };
      const test = (pattern: string) => [
        ...['events', 'test-event-pattern', '--event-pattern', pattern, '--event', JSON.stringify(event)],
      ];
      deepEqual(await cli.run(...test(PATTERN)), { Result: true });
      deepEqual(await cli.run(...test('{"source":["bills"]}')), { Result: false });
      equal(await cli.fails(...test('{"source":"orders"}')), 'InvalidEventPatternException');
    },
  };
}
