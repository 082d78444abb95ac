import { AwsError } from '../endpoint/aws-error.ts';
import { type Caller, type JsonObject, type JsonService, type RestService, USER } from '../endpoint/service.ts';
import { stringAt } from '../template/json.ts';
import type { InvocationsOptions, TargetRequest } from './invocations.ts';
import type { TargetService } from './schedule.ts';

export interface TargetServices {
  readonly sqs: JsonService;
  readonly eventBridge: JsonService;
  readonly lambda: RestService;
}

/** Where the Scheduler delivers to in this run, each time under the role of the target. */
export function createSchedulerTargets({
  sqs,
  eventBridge,
  lambda,
}: TargetServices): Pick<InvocationsOptions, 'send' | 'sendToDeadLetterQueue'> {
  const sendMessage = async (queueArn: string, message: JsonObject, caller: Caller) => {
    const [, , , , QueueOwnerAWSAccountId, QueueName] = queueArn.split(':');
    // the Scheduler knows its targets by ARN: finding the address is not part of what a role allows
    const found = await sqs.handle('GetQueueUrl', { QueueName, QueueOwnerAWSAccountId }, USER);
    await sqs.handle('SendMessage', { QueueUrl: stringAt(found, 'QueueUrl'), ...message }, caller);
  };

  const senders: Readonly<Record<TargetService, (request: TargetRequest, caller: Caller) => Promise<void>>> = {
    sqs: ({ target, input }, caller) => {
      const { messageGroupId } = target;
      const group = messageGroupId === undefined ? {} : { MessageGroupId: messageGroupId };
      return sendMessage(target.arn, { MessageBody: input, ...group }, caller);
    },
    async lambda({ target, input }, caller) {
      await lambda.handle(
        {
          method: 'POST',
          path: `/2015-03-31/functions/${target.arn}/invocations`,
          query: new URLSearchParams(),
          headers: { 'x-amz-invocation-type': 'Event' },
          body: Buffer.from(input),
        },
        caller,
      );
    },
    async events({ target, input }, caller) {
      const entry = { EventBusName: target.arn, Source: target.source, DetailType: target.detailType, Detail: input };
      const { Entries } = (await eventBridge.handle('PutEvents', { Entries: [entry] }, caller)) as {
        readonly Entries: readonly { readonly ErrorCode?: string; readonly ErrorMessage?: string }[];
      };
      const [{ ErrorCode, ErrorMessage } = {}] = Entries;
      if (ErrorCode !== undefined) throw new AwsError(ErrorCode, ErrorMessage ?? '');
    },
  };
  const callerOf = ({ target }: TargetRequest): Caller => ({ kind: 'role', roleArn: target.roleArn });

  return {
    send: (request) => senders[request.target.service](request, callerOf(request)),
    sendToDeadLetterQueue: (request, queueArn, attributes) =>
      sendMessage(
        queueArn,
        {
          MessageBody: request.input,
          MessageAttributes: Object.fromEntries(
            Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
          ),
        },
        callerOf(request),
      ),
  };
}
