import { type Caller, type JsonObject, type JsonService, USER } from './endpoint/service.ts';
import type { DeliverToTarget, EventBridgeOptions } from './eventbridge/eventbridge.ts';
import { stringAt } from './template/json.ts';

/** The bus as the policies of its targets see it. */
const onBehalfOf = (ruleArn: string): Caller => ({
  kind: 'service',
  principal: 'events.amazonaws.com',
  sourceArn: ruleArn,
});

/** Where EventBridge delivers to in this run. */
export function createBusTargets(
  sqs: JsonService,
  invokeAsync: (functionArn: string, input: string, caller: Caller) => void,
): Pick<EventBridgeOptions, 'targets' | 'sendToDeadLetterQueue'> {
  const urls = new Map<string, string | undefined>();
  const urlOf = async (queueArn: string): Promise<string | undefined> => {
    const known = urls.get(queueArn);
    if (known !== undefined) return known;
    const [, , , , QueueOwnerAWSAccountId, QueueName] = queueArn.split(':');
    // the bus knows its targets by ARN: finding the address is not part of what a queue policy allows
    const found = await sqs.handle('GetQueueUrl', { QueueName, QueueOwnerAWSAccountId }, USER);
    const url = stringAt(found, 'QueueUrl');
    urls.set(queueArn, url);
    return url;
  };
  const send = async (queueArn: string, ruleArn: string, message: JsonObject) => {
    await sqs.handle('SendMessage', { QueueUrl: await urlOf(queueArn), ...message }, onBehalfOf(ruleArn));
  };
  const toQueue: DeliverToTarget = ({ targetArn, ruleArn, input, messageGroupId }) =>
    send(targetArn, ruleArn, {
      MessageBody: input,
      ...(messageGroupId === undefined ? {} : { MessageGroupId: messageGroupId }),
    });

  return {
    targets: {
      sqs: toQueue,
      lambda: async ({ targetArn, ruleArn, input }) => invokeAsync(targetArn, input, onBehalfOf(ruleArn)),
    },
    sendToDeadLetterQueue: (queueArn, body, attributes, ruleArn) =>
      send(queueArn, ruleArn, {
        MessageBody: body,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
        ),
      }),
  };
}
