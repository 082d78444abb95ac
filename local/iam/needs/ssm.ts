import type { JsonObject } from '../../endpoint/service.ts';
import { parameterArn, parseReference } from '../../ssm/parameter-name.ts';
import { stringAt, toList } from '../../template/json.ts';
import type { Need, Place } from './need.ts';

/** Each parameter that a call names is a resource of its own; a path is one, too. */
export function ssmNeeds(operation: string, input: JsonObject, place: Place): readonly Need[] {
  const on = (resource: string): Need => ({ action: `ssm:${operation}`, resource });
  const onParameter = (reference: string): Need => on(parameterArn(parseReference(reference).name, place));
  if (operation === 'DescribeParameters') return [on(`arn:aws:ssm:${place.region}:${place.accountId}:*`)];
  if (operation === 'GetParametersByPath') {
    const path = stringAt(input, 'Path');
    return path === undefined ? [] : [onParameter(path === '/' ? path : path.replace(/\/$/, ''))];
  }
  const names = toList(input['Names']).filter((name) => typeof name === 'string');
  const name = stringAt(input, 'Name') ?? stringAt(input, 'ResourceId');
  return [...names, ...(name === undefined ? [] : [name])].map(onParameter);
}
