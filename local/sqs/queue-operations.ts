import type { EngineClock } from '../clock.ts';
import type { RunLog } from '../log.ts';
import {
  invalidAttributeValue,
  invalidParameter,
  invalidValue,
  missingParameter,
  queueNameExists,
  unknownAttribute,
} from './errors.ts';
import type { SqsFaults } from './faults.ts';
import type { GroupLock } from './fifo-order.ts';
import type { Input } from './input.ts';
import type { SqsLimits } from './limits.ts';
import type { Operations } from './operation.ts';
import { pageOf } from './paging.ts';
import { createQueue, type Queue } from './queue.ts';
import { changeAttributes, initialAttributes, isAttributeName, type QueueAttributes } from './queue-attributes.ts';
import type { QueueRegistry } from './queue-registry.ts';
import { allowsSource, parseRedrivePolicy } from './redrive-policy.ts';

export interface QueueOperationsOptions {
  readonly clock: EngineClock;
  readonly registry: QueueRegistry;
  readonly region: string;
  readonly accountId: string;
  readonly newId: () => string;
  readonly nextOrder: () => number;
  readonly log: RunLog;
  readonly groupLock: GroupLock;
  readonly limits: SqsLimits;
  readonly faults: SqsFaults;
}

/** Everything that is about queues rather than messages. */
export function queueOperations(options: QueueOperationsOptions): Operations {
  const { clock, registry, region, accountId, newId, nextOrder, log, groupLock, limits, faults } = options;
  const arnOf = (name: string) => `arn:aws:sqs:${region}:${accountId}:${name}`;
  const queueOf = (input: Input) => registry.byUrl(input.string('QueueUrl'));

  return {
    CreateQueue(input) {
      const name = input.string('QueueName');
      const { FifoQueue: fifo, ...changes } = input.stringMap('Attributes');
      const isFifo = readFifo(name, fifo);
      const existing = registry.find(name);
      if (existing !== undefined) {
        assertSame(existing, changes);
        return { QueueUrl: registry.urlOf(existing) };
      }
      const arn = arnOf(name);
      const attributes = changeAttributes(initialAttributes(isFifo), changes, isFifo);
      assertDeadLetterTarget(registry, { arn, isFifo }, changes['RedrivePolicy']);
      const queue = createQueue({
        ...{ clock, name, arn, isFifo, attributes, newId, nextOrder, log, groupLock, limits, faults },
        tags: input.stringMap('tags'),
        findQueue: registry.findByArn,
      });
      registry.add(queue);
      return { QueueUrl: registry.urlOf(queue) };
    },
    GetQueueUrl: (input) => ({ QueueUrl: registry.urlOf(registry.byUrl(input.string('QueueName'))) }),
    ListQueues(input) {
      const prefix = input.optionalString('QueueNamePrefix') ?? '';
      const urls = registry
        .all()
        .filter((queue) => queue.name.startsWith(prefix))
        .map(registry.urlOf);
      const { page, nextToken } = pageOf(urls, input);
      return {
        ...(page.length === 0 ? {} : { QueueUrls: page }),
        ...(nextToken === undefined ? {} : { NextToken: nextToken }),
      };
    },
    GetQueueAttributes(input) {
      const queue = queueOf(input);
      const names = input.strings('AttributeNames');
      const unknown = names.find((name) => name !== 'All' && !isAttributeName(name));
      if (unknown !== undefined) throw unknownAttribute(unknown);
      const shown = Object.entries(describe(queue)).filter(([name]) => names.includes('All') || names.includes(name));
      return shown.length === 0 ? {} : { Attributes: Object.fromEntries(shown) };
    },
    SetQueueAttributes(input) {
      const queue = queueOf(input);
      const given = input.stringMap('Attributes');
      if (Object.keys(given).length === 0) throw missingParameter('Attribute.Name');
      const { FifoQueue: fifo, ...changes } = given;
      if (fifo !== undefined) assertSameType(queue, fifo);
      const attributes = changeAttributes(queue.attributes(), changes, queue.isFifo);
      assertDeadLetterTarget(registry, queue, changes['RedrivePolicy']);
      queue.setAttributes(attributes);
      return {};
    },
    DeleteQueue(input) {
      const queue = queueOf(input);
      const sources = registry.sourcesOf(queue).map(({ name }) => name);
      if (sources.length > 0) {
        log('warn', 'sqs', 'deleted a dead-letter queue: what its sources cannot handle stays there', {
          queue: queue.name,
          sources,
        });
      }
      registry.remove(queue);
      queue.drop();
      return {};
    },
    PurgeQueue(input) {
      queueOf(input).purge();
      return {};
    },
    TagQueue(input) {
      const { tags } = queueOf(input);
      for (const [key, value] of Object.entries(input.stringMap('Tags'))) tags.set(key, value);
      return {};
    },
    UntagQueue(input) {
      const { tags } = queueOf(input);
      for (const key of input.strings('TagKeys')) tags.delete(key);
      return {};
    },
    ListQueueTags(input) {
      const { tags } = queueOf(input);
      return tags.size === 0 ? {} : { Tags: Object.fromEntries(tags) };
    },
    ListDeadLetterSourceQueues(input) {
      const { page, nextToken } = pageOf(registry.sourcesOf(queueOf(input)).map(registry.urlOf), input);
      return { queueUrls: page, ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
    },
  };
}

const isTrue = (value: string) => value.toLowerCase() === 'true';

function assertSameType({ isFifo }: Queue, fifo: string): void {
  if (!isFifo) throw unknownAttribute('FifoQueue');
  if (!isTrue(fifo)) throw invalidAttributeValue('FifoQueue', 'Modifying queue type is not supported.');
}

function readFifo(name: string, fifo: string | undefined): boolean {
  if (fifo !== undefined && !isTrue(fifo)) throw unknownAttribute('FifoQueue');
  if (fifo !== undefined) {
    if (/^[A-Za-z0-9_-]{1,75}\.fifo$/.test(name)) return true;
    throw invalidParameter(
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.',
    );
  }
  if (/^[A-Za-z0-9_-]{1,80}$/.test(name)) return false;
  throw invalidParameter('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
}

function assertSame(existing: Queue, changes: QueueAttributes): void {
  const attributes = existing.attributes();
  const changed = changeAttributes(attributes, changes, existing.isFifo);
  const different = Object.keys(changes).find((name) => changed[name] !== attributes[name]);
  if (different !== undefined) throw queueNameExists(different);
}

function assertDeadLetterTarget(
  registry: QueueRegistry,
  source: Pick<Queue, 'arn' | 'isFifo'>,
  policy: string | undefined,
): void {
  if (policy === undefined || policy === '') return;
  const { deadLetterTargetArn } = parseRedrivePolicy(policy);
  const target = registry.findByArn(deadLetterTargetArn);
  const refuse = (reason: string) => invalidValue(policy, 'RedrivePolicy', reason);
  const [, , , region, accountId] = deadLetterTargetArn.split(':');
  const [, , , sourceRegion, sourceAccountId] = source.arn.split(':');
  if (region !== sourceRegion) throw refuse('Dead-letter target must be in the same region as the source.');
  if (accountId !== sourceAccountId) throw refuse('Dead-letter target owner should be same as the source.');
  // a queue that does not exist yet may be its own dead-letter queue, too
  if (deadLetterTargetArn === source.arn) return;
  if (target === undefined) throw refuse('Dead letter target does not exist.');
  if (target.isFifo !== source.isFifo) throw refuse('Dead-letter queue must be same type of queue as the source.');
  if (!allowsSource(target.settings().redriveAllow, source.arn)) {
    throw refuse("The dead-letter queue's redrive allow policy does not permit this source queue.");
  }
}

function describe(queue: Queue): Record<string, string> {
  const { visible, inFlight, delayed } = queue.approximateCounts();
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt() / 1000)),
    ...queue.attributes(),
    ...(queue.isFifo ? { FifoQueue: 'true' } : {}),
  };
}
