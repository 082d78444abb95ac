import { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ItemAction } from './grantee.ts';

const READ_ACTIONS: readonly ItemAction[] = ['GetItem', 'BatchGetItem', 'Query', 'ConditionCheckItem'];

/** DynamoDB decrypts with the key in the caller's name, for reads and for writes. */
const DECRYPT = ['kms:Decrypt', 'kms:DescribeKey'];
const ENCRYPT = ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];

/**
 * Allows the use of a table's customer key as far as these actions on the table need it, and through DynamoDB alone. The
 * key's own policy must let IAM decide, as CDK's does by default.
 * @returns undefined for a table without a customer key, and for one that was imported without telling its key
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
export function tableKeyStatement(table: ITable, actions: readonly ItemAction[]): PolicyStatement | undefined {
  const { encryptionKey } = table;
  if (encryptionKey === undefined) return undefined;
  const { region, urlSuffix } = Stack.of(table);
  const writes = actions.some((action) => !READ_ACTIONS.includes(action));
  return new PolicyStatement({
    effect: Effect.ALLOW,
    actions: writes ? [...DECRYPT, ...ENCRYPT] : DECRYPT,
    resources: [encryptionKey.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${region}.${urlSuffix}` } },
  });
}
