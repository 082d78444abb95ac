import { CreateEventBusCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { createEventBridgePublisher } from '../../../lib/outbox/relay/eventbridge-publisher.ts';
import { queueArn, startOwnEventBridge } from '../engines/eventbridge-rig.ts';
import { describeEventPublisher } from './event-publisher.ts';

describeEventPublisher('EventBridge', async () => {
  const rig = await startOwnEventBridge();
  const bus = { EventBusName: 'hub' };
  await rig.client.send(new CreateEventBusCommand({ Name: 'hub' }));
  await rig.client.send(new PutRuleCommand({ ...bus, Name: 'all', EventPattern: '{"source":["/orders"]}' }));
  const target = { Id: 'queue', Arn: queueArn('all'), InputPath: '$.detail' };
  await rig.client.send(new PutTargetsCommand({ ...bus, Rule: 'all', Targets: [target] }));
  return {
    publisher: createEventBridgePublisher({ client: rig.client, busName: 'hub' }),
    delivered: async () => {
      await rig.settle();
      return rig.delivered.map(({ input }) => input);
    },
    close: async () => await rig[Symbol.asyncDispose](),
  };
});
