import { describe, expect, it } from 'vitest';
import { failInPart } from '../../../local/faults/partial-failure.ts';

const second = (entries: readonly unknown[]) => new Set(entries.slice(1, 2));
const all = (entries: readonly unknown[]) => new Set(entries);

describe('a batch call that fails in part', () => {
  it('withholds deletions from DynamoDB and returns them as unprocessed', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((id) => ({ DeleteRequest: { Key: { id: { S: id } } } }));

    const partial = failInPart('dynamodb:BatchWriteItem', { RequestItems: { one: [a, b], two: [c] } }, second);

    expect(partial?.input).toStrictEqual({ RequestItems: { one: [a], two: [c] } });
    expect(partial?.merge({ UnprocessedItems: {} })).toStrictEqual({ UnprocessedItems: { one: [b] } });
  });

  it('leaves at least one request for DynamoDB to process', () => {
    const [a, b] = ['a', 'b'].map((id) => ({ PutRequest: { Item: { id: { S: id } } } }));

    expect(failInPart('dynamodb:BatchWriteItem', { RequestItems: { one: [a, b] } }, all)?.input).toStrictEqual({
      RequestItems: { one: [b] },
    });
    expect(failInPart('dynamodb:BatchWriteItem', { RequestItems: { one: [a] } }, all)).toBeUndefined();
  });

  it('fails entries of SQS without a sender fault', () => {
    const input = { QueueUrl: 'q', Entries: [{ Id: '0' }, { Id: '1' }, { Id: '2' }] };

    const partial = failInPart('sqs:DeleteMessageBatch', input, second);

    expect(partial?.input).toStrictEqual({ QueueUrl: 'q', Entries: [{ Id: '0' }, { Id: '2' }] });
    expect(partial?.merge({ Successful: [{ Id: '0' }, { Id: '2' }], Failed: [] })).toStrictEqual({
      Successful: [{ Id: '0' }, { Id: '2' }],
      Failed: [
        {
          Id: '1',
          SenderFault: false,
          Code: 'InternalError',
          Message: 'We encountered an internal error. Please try again.',
        },
      ],
    });
  });

  it('fails events at their places', () => {
    const input = { Entries: [{ Detail: '1' }, { Detail: '2' }, { Detail: '3' }] };

    const partial = failInPart('events:PutEvents', input, second);

    expect(partial?.input).toStrictEqual({ Entries: [{ Detail: '1' }, { Detail: '3' }] });
    expect(partial?.merge({ FailedEntryCount: 0, Entries: [{ EventId: 'a' }, { EventId: 'c' }] })).toStrictEqual({
      FailedEntryCount: 1,
      Entries: [{ EventId: 'a' }, { ErrorCode: 'InternalFailure', ErrorMessage: 'Unexpected error' }, { EventId: 'c' }],
    });
  });

  it('does not call the engine when every entry fails', () => {
    const partial = failInPart('sqs:SendMessageBatch', { Entries: [{ Id: 'only' }] }, all);

    expect(partial?.input).toBeUndefined();
    expect(partial?.merge({})).toMatchObject({ Successful: [], Failed: [{ Id: 'only' }] });
  });

  it('leaves any other call unchanged', () => {
    expect(failInPart('sqs:SendMessage', { MessageBody: 'x' }, all)).toBeUndefined();
  });
});
