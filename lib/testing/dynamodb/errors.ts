import type { Item } from './item.ts';

/** DynamoDB's response to a refused request, with the name of the SDK's exception. */
export class DynamoDbRefusal extends Error {
  readonly code: 'ValidationException' | 'ConditionalCheckFailedException' | 'ResourceNotFoundException';
  /** The item that does not meet the condition, if the request asks for it. */
  readonly item: Item | undefined;

  constructor(code: DynamoDbRefusal['code'], message: string, item?: Item) {
    super(message);
    this.name = code;
    this.code = code;
    this.item = item;
  }
}
