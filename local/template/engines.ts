import type { Buckets } from '../buckets.ts';
import type { JsonService } from '../endpoint/service.ts';
import type { Lambda } from '../lambda/lambda.ts';

/** What resources are created on. */
export interface Engines {
  readonly dynamoDb: JsonService;
  readonly sqs: JsonService;
  readonly eventBridge: JsonService;
  readonly lambda: Pick<Lambda, 'functionArn' | 'createFunction' | 'createEventSourceMapping'>;
  readonly buckets: Buckets;
}
