import type { EpochMs } from '../../lib/shared/time.ts';
import { columns } from '../../local/view/columns.ts';
import type { OperatedConsumer } from '../operated-consumer.ts';
import type { OperatedPublisher } from '../operated-publisher.ts';
import { type ExitStatus, isStrict, type Operation, tellJson } from '../operation.ts';
import { ageText } from '../wording.ts';

/** A paused consumer, a paused group of one, or a paused publisher. */
interface Paused {
  readonly consumer: string;
  readonly group: string | undefined;
  readonly since: EpochMs;
  readonly by: string;
  readonly reason: string;
  /** Messages in the queue, or places of the group; undefined for what publishes: see status. */
  readonly behind: number | undefined;
}

export async function listPaused(consumer: string | undefined, operation: Operation): Promise<ExitStatus> {
  const { console, json, clock, environmentName, publishers } = operation;
  const consumers = consumer === undefined ? operation.consumers : [operation.consumer(consumer)];
  const found = await Promise.all(consumers.map(pausedOf));
  const publishing = consumer === undefined ? await Promise.all(Object.values(publishers).map(pausedPublisher)) : [];
  const paused = [...publishing, ...found].flat().toSorted((one, other) => one.since - other.since);
  if (json) {
    tellJson(operation, { environment: environmentName, paused }, 'paused');
    return 0;
  }
  if (paused.length === 0) {
    console.line('nothing is paused');
    return 0;
  }
  const rows = paused.map(({ consumer: name, group, since, behind, by, reason }) => [
    name,
    group ?? '(all)',
    ageText(since, clock.now()),
    String(behind ?? ''),
    by,
    reason,
  ]);
  for (const row of columns([['CONSUMER', 'GROUP', 'SINCE', 'BEHIND', 'BY', 'REASON'], ...rows])) console.line(row);
  return 0;
}

async function pausedPublisher({ name, pause: { store } }: OperatedPublisher): Promise<readonly Paused[]> {
  const pause = await store.find();
  return pause === undefined ? [] : [{ consumer: name, group: undefined, ...pause, behind: undefined }];
}

async function pausedOf(consumer: OperatedConsumer): Promise<readonly Paused[]> {
  const { name, pause: whole, depths } = consumer;
  const held = await whole.store.find();
  const paused: Paused[] = [];
  if (held !== undefined) {
    const { visible, inFlight } = await depths.queue();
    paused.push({ consumer: name, group: undefined, ...held, behind: visible + inFlight });
  }
  if (!isStrict(consumer)) return paused;
  for await (const page of consumer.strict.paused.list()) {
    for (const { group, cursor } of page) {
      paused.push({ consumer: name, group, ...cursor.paused, behind: cursor.seen - cursor.processed });
    }
  }
  return paused;
}
