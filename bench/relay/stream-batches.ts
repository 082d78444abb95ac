import type { StreamRecord } from '../../lib/outbox/relay/relay.ts';

export interface BatchShape {
  readonly records: number;
  /** Groups that the records are spread over; 1 in `hotEvery` belongs to the one hot group. */
  readonly groups: number;
  readonly hotEvery?: number;
  readonly eventBytes: number;
}

/** A batch of the outbox's stream as Lambda hands it to the relay. */
export function streamBatch({ records, groups, hotEvery = Infinity, eventBytes }: BatchShape): StreamRecord[] {
  const lastUsed = new Map<string, number>();
  return Array.from({ length: records }, (_, index) => {
    const group = index % hotEvery === hotEvery - 1 ? 'account#hot' : `account#${index % groups}`;
    const sequence = (lastUsed.get(group) ?? 0) + 1;
    lastUsed.set(group, sequence);
    const id = `event-${index}`;
    return {
      eventName: 'INSERT',
      dynamodb: {
        SequenceNumber: String(1000 + index),
        Keys: { partitionkey: { S: group }, sequence: { N: String(sequence) } },
        NewImage: {
          partitionkey: { S: group },
          sequence: { N: String(sequence) },
          kind: { S: 'EVENT' },
          id: { S: id },
          source: { S: '/bench' },
          type: { S: 'com.example.bench.happened' },
          event: { S: bodyOf(id, group, eventBytes) },
          committedAt: { N: '1795154400000' },
          expires: { N: '1797746400' },
        },
      },
    };
  });
}

function bodyOf(id: string, group: string, eventBytes: number): string {
  const event = (filler: string) =>
    JSON.stringify({ specversion: '1.0', id, source: '/bench', partitionkey: group, data: { filler } });
  return event('x'.repeat(Math.max(eventBytes - event('').length, 0)));
}
