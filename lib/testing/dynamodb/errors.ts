import type { Item } from './item.ts';

/** DynamoDB's answer to a request that it refuses; named as the SDK names the exception. */
export class DynamoDbRefusal extends Error {
  readonly code: 'ValidationException' | 'ConditionalCheckFailedException' | 'ResourceNotFoundException';
  /** The item whose condition does not hold, where the request asks for it. */
  readonly item: Item | undefined;

  constructor(code: DynamoDbRefusal['code'], message: string, item?: Item) {
    super(message);
    this.name = code;
    this.code = code;
    this.item = item;
  }
}
