import type { JsonObject } from '../../endpoint/service.ts';
import { stringAt } from '../../template/json.ts';
import type { Need } from './need.ts';

/** An iterator begins with its stream's ARN, as those of AWS do. */
export function streamNeeds(operation: string, input: JsonObject): readonly Need[] {
  const action = `dynamodb:${operation}`;
  if (operation === 'ListStreams') return [{ action, resource: '*' }];
  const iterator = stringAt(input, 'ShardIterator');
  const resource = stringAt(input, 'StreamArn') ?? iterator?.slice(0, iterator.indexOf('|'));
  return resource === undefined ? [] : [{ action, resource }];
}
