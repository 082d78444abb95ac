import { describeRequest } from '../services/describe-request.ts';
import type { DynamoDbRequest } from '../services/dynamodb-requests.ts';
import type { Call } from './program.ts';
import { receiptOf, type State } from './state.ts';
import type { World } from './world.ts';

/** A call in plain words, as the end of a sentence that begins with who makes it. */
export function describeCall(call: Call, state: State, world: World): string {
  switch (call.service) {
    case 'dynamodb':
      return describeRequest(call as DynamoDbRequest);
    case 'sqs':
      return describeMessage(call, state, world);
    case 'handler':
      return `handles e${(call.input as { sequence: number }).sequence}`;
    case 'sleep':
      return 'waits for a moment';
  }
}

function describeMessage({ operation, input }: Call, { queue }: State, world: World): string {
  const { MessageBody, ReceiptHandle, VisibilityTimeout, Entries } = input as {
    MessageBody?: string;
    ReceiptHandle?: string;
    VisibilityTimeout?: number;
    Entries?: readonly { readonly ReceiptHandle: string }[];
  };
  const of = (receipt = '') => {
    const message = queue.find((each) => receiptOf(each) === receipt);
    return message === undefined ? 'a message' : `e${message.sequence}`;
  };
  if (operation === 'SendMessage') return `sends e${world.sequenceOf(MessageBody ?? '')} to the queue again`;
  if (operation === 'ChangeMessageVisibility') return `hides ${of(ReceiptHandle)} for ${VisibilityTimeout} seconds`;
  return `deletes ${(Entries ?? []).map((entry) => of(entry.ReceiptHandle)).join(', ')}`;
}
