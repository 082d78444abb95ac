import type { JsonObject } from '../../endpoint/service.ts';
import { stringAt } from '../../template/json.ts';
import type { Need, Place } from './need.ts';

/** Moving dead letters takes what receiving, deleting and sending them would take. */
const MOVE_ACTIONS = ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];

/** The actions of SQS know no batches: a batch is allowed by the action of its entries. */
export function sqsNeeds(operation: string, input: JsonObject, { region, accountId }: Place): readonly Need[] {
  const arnOf = (owner: string, name: string) => `arn:aws:sqs:${region}:${owner}:${name}`;
  const on = (resource: string | undefined, action = operation.replace(/Batch$/, '')): readonly Need[] =>
    resource === undefined ? [] : [{ action: `sqs:${action}`, resource }];

  switch (operation) {
    case 'ListQueues':
      return on(arnOf(accountId, '*'));
    case 'CreateQueue':
    case 'GetQueueUrl': {
      const name = stringAt(input, 'QueueName');
      return on(name === undefined ? undefined : arnOf(stringAt(input, 'QueueOwnerAWSAccountId') ?? accountId, name));
    }
    case 'StartMessageMoveTask': {
      const source = stringAt(input, 'SourceArn');
      const moved = MOVE_ACTIONS.flatMap((action) => on(source, action));
      return [...moved, ...on(stringAt(input, 'DestinationArn'), 'SendMessage')];
    }
    case 'ListMessageMoveTasks':
      return on(stringAt(input, 'SourceArn'));
    case 'CancelMessageMoveTask':
      return on(arnOf(accountId, '*'));
    default: {
      const url = stringAt(input, 'QueueUrl');
      return on(url === undefined ? undefined : arnOf(accountId, url.slice(url.lastIndexOf('/') + 1)));
    }
  }
}
