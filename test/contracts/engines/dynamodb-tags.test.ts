import { DescribeTableCommand, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DynamoDbRig, ORDERS, openDynamoDbRig, ordersTable } from './dynamodb-rig.ts';

let rig: DynamoDbRig;
let ResourceArn: string;

beforeEach(async () => {
  rig = await openDynamoDbRig();
  await rig.createTable(ordersTable);
  const { Table } = await rig.client.send(new DescribeTableCommand({ TableName: ORDERS }));
  ResourceArn = Table?.TableArn ?? '';
});

const messageOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: Error) => `${error.name}: ${error.message}`,
  );
const tag = (Key: string, Value = '') =>
  messageOf(rig.client.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key, Value }] })));

describe('a tag of a table', () => {
  it.each([
    ['', '', 'The Tag Key provided is invalid, Key: '],
    ['a*b', '', 'The Tag Key provided is invalid, Key: a*b'],
    ['x'.repeat(129), '', `The Tag Key provided is invalid, Key: ${'x'.repeat(129)}`],
    ['a', 'x'.repeat(257), `The Tag Value provided is invalid, Value: ${'x'.repeat(257)}`],
    ['aws:a', '', 'Tag Key cannot be prefixed with aws:, Key: aws:a'],
  ])('is refused: %s', async (key, value, message) => {
    expect(await tag(key, value)).toBe(`ValidationException: ${message}`);
  });

  it('has a key of 128 letters and a value of 256 at most', async () => {
    expect(await tag('é'.repeat(128), 'x'.repeat(256))).toBe('done');
  });

  it('is refused beyond 50', async () => {
    const Tags = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
    await rig.client.send(new TagResourceCommand({ ResourceArn, Tags }));

    expect(await tag('k1', 'again')).toBe('done');
    expect(await tag('one more')).toBe(
      'ValidationException: Number of Tags exceed the current limit for the provided ResourceArn',
    );
  });

  it('belongs to a table, and to nothing else', async () => {
    const invalid = 'ValidationException: One or more parameter values were invalid: ';
    const on = (arn: string) =>
      messageOf(rig.client.send(new UntagResourceCommand({ ResourceArn: arn, TagKeys: ['a'] })));

    expect(await on('Orders')).toBe(`${invalid}ARNs must start with 'arn:': Orders`);
    expect(await on(`${ResourceArn}/index/places`)).toBe(
      `${invalid}Invalid resource arn provided, only table or stream is accepted. Provided resource arn: ${ResourceArn}/index/places`,
    );
  });
});
