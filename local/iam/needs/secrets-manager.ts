import type { JsonObject } from '../../endpoint/service.ts';
import { stringAt } from '../../template/json.ts';
import type { Need, Place } from './need.ts';

/**
 * A call is on the ARN of its secret, which ends with six characters that only the service knows; on the bare name's ARN
 * where there is no such secret.
 * @param arnOf the ARN of a secret that is there
 */
export function secretsManagerNeeds(
  operation: string,
  input: JsonObject,
  { region, accountId }: Place,
  arnOf: (reference: string) => string | undefined,
): readonly Need[] {
  // it names no secret, so no policy can
  if (operation === 'ListSecrets') return [{ action: 'secretsmanager:ListSecrets', resource: '*' }];
  const reference = stringAt(input, operation === 'CreateSecret' ? 'Name' : 'SecretId');
  if (reference === undefined) return [];
  const bare = reference.startsWith('arn:')
    ? reference
    : `arn:aws:secretsmanager:${region}:${accountId}:secret:${reference}`;
  return [{ action: `secretsmanager:${operation}`, resource: arnOf(reference) ?? bare }];
}
