import type { Clock, EpochMs } from '../../lib/shared/time.ts';
import { queueDeletedRecently, queueDoesNotExist } from './errors.ts';
import type { Queue } from './queue.ts';

/** A deleted queue's name stays taken for this long. */
const DELETED_NAME_MS = 60_000;

/** The queues of the run, by name, ARN and URL. */
export interface QueueRegistry {
  /** @throws AwsError `QueueDeletedRecently` */
  add(queue: Queue): void;
  remove(queue: Queue): void;
  find(name: string): Queue | undefined;
  findByArn(arn: string): Queue | undefined;
  /** Goes by the last segment of the URL's path. @throws AwsError `QueueDoesNotExist` */
  byUrl(queueUrl: string): Queue;
  urlOf(queue: Queue): string;
  /** In the order in which they were created. */
  all(): readonly Queue[];
  /** The queues whose dead letters go to `deadLetterQueue`. */
  sourcesOf(deadLetterQueue: Queue): readonly Queue[];
}

export interface QueueRegistryOptions {
  readonly clock: Clock;
  readonly accountId: string;
  readonly endpointUrl: () => string;
}

export function createQueueRegistry({ clock, accountId, endpointUrl }: QueueRegistryOptions): QueueRegistry {
  const byName = new Map<string, Queue>();
  const byArn = new Map<string, Queue>();
  const deletedAt = new Map<string, EpochMs>();

  return {
    add(queue) {
      const deleted = deletedAt.get(queue.name);
      if (deleted !== undefined && clock.now() < deleted + DELETED_NAME_MS) throw queueDeletedRecently();
      deletedAt.delete(queue.name);
      byName.set(queue.name, queue);
      byArn.set(queue.arn, queue);
    },
    remove(queue) {
      byName.delete(queue.name);
      byArn.delete(queue.arn);
      deletedAt.set(queue.name, clock.now());
    },
    find: (name) => byName.get(name),
    findByArn: (arn) => byArn.get(arn),
    byUrl(queueUrl) {
      const queue = byName.get(queueUrl.slice(queueUrl.lastIndexOf('/') + 1));
      if (queue === undefined) throw queueDoesNotExist();
      return queue;
    },
    urlOf: (queue) => `${endpointUrl()}/${accountId}/${queue.name}`,
    all: () => [...byName.values()],
    sourcesOf: ({ arn }) =>
      [...byName.values()].filter((source) => source.settings().redrive?.deadLetterTargetArn === arn),
  };
}
