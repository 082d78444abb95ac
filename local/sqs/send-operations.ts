import { batchAnswer, forEachEntry, readBatch } from './batch.ts';
import { invalidBatch, invalidParameter } from './errors.ts';
import { md5OfAttributes } from './message-attributes.ts';
import type { Sent } from './message-intake.ts';
import type { Operations } from './operation.ts';
import { assertDeduplicable, type MeasuredOutgoing, readOutgoing, sizeOf } from './outgoing-message.ts';
import type { QueueRegistry } from './queue-registry.ts';

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_BATCH_BYTES = 1_048_576;

export function sendOperations(registry: QueueRegistry): Operations {
  return {
    SendMessage(input, caller) {
      const queue = registry.byUrl(input.string('QueueUrl'));
      const outgoing = readOutgoing(input, queue, caller);
      queue.admit('send', [outgoing.content.groupId ?? '']);
      const [sent] = queue.send([outgoing]);
      return sent === undefined ? {} : describe(outgoing, sent);
    },
    SendMessageBatch(input, caller) {
      const queue = registry.byUrl(input.string('QueueUrl'));
      const entries = readBatch(input);
      const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry.input), 0);
      if (bytes > MAX_BATCH_BYTES) {
        throw invalidBatch(
          'BatchRequestTooLong',
          `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes. You have sent ${bytes} bytes.`,
        );
      }
      // one entry without a group or a deduplication id refuses them all, unlike any other mistake in an entry
      if (queue.isFifo && entries.some((entry) => entry.input.optionalString('MessageGroupId') === undefined)) {
        throw invalidParameter('The request must contain the parameter MessageGroupId.');
      }
      for (const entry of entries) assertDeduplicable(queue, entry.input.optionalString('MessageDeduplicationId'));
      const { successful: valid, failed } = forEachEntry(entries, ({ id, input: entry }) => ({
        id,
        outgoing: readOutgoing(entry, queue, caller, 'cannot be validated'),
      }));
      queue.admit('send', groupsOf(valid.map(({ outgoing }) => outgoing)));
      const sent = queue.send(valid.map(({ outgoing }) => outgoing));
      const successful = sent.flatMap((each, index) => {
        const entry = valid[index];
        return entry === undefined ? [] : [{ Id: entry.id, ...describe(entry.outgoing, each) }];
      });
      return batchAnswer({ successful, failed });
    },
  };
}

const groupsOf = (outgoing: readonly MeasuredOutgoing[]): readonly string[] => [
  ...new Set(outgoing.map(({ content }) => content.groupId ?? '')),
];

function describe({ content, systemAttributesMd5 }: MeasuredOutgoing, { messageId, sequenceNumber }: Sent): object {
  // absent members are undefined, which JSON leaves out
  return {
    MessageId: messageId,
    MD5OfMessageBody: content.bodyMd5,
    MD5OfMessageAttributes: md5OfAttributes(content.attributes),
    MD5OfMessageSystemAttributes: systemAttributesMd5,
    SequenceNumber: sequenceNumber,
  };
}
