import type { Bell, Suspicion } from '../ordering/index.ts';
import type { ReceivedMessage } from './received-message.ts';

/** The messages of a batch that are handled one after another. */
export interface Lane {
  readonly messages: readonly ReceivedMessage[];
  /** Whether one of them may be what ended an earlier execution. */
  readonly suspicion: Suspicion;
  /** @returns what goes back to the queue */
  settle(): Promise<readonly ReceivedMessage[]>;
}

/**
 * Settles lanes side by side; but what may end the process comes after all others, alone, and what is done with until
 * then is acknowledged first. An event that kills its process would else use up the receives of everything that shares
 * its batches, and take it along into the DLQ.
 * @returns what goes back to the queue, by lane
 */
export async function settleLanes(
  lanes: readonly Lane[],
  bell: Pick<Bell, 'acknowledge'>,
): Promise<readonly (readonly ReceivedMessage[])[]> {
  const calm = lanes.filter(({ suspicion }) => suspicion === 'none');
  const returned = await Promise.all(calm.map((lane) => lane.settle()));
  let settled = calm;
  let from = 0;
  for (const suspect of mildestFirst(lanes)) {
    await acknowledge(settled, returned.slice(from).flat(), bell);
    from = returned.length;
    settled = [suspect];
    returned.push(await suspect.settle());
  }
  return returned;
}

async function acknowledge(
  lanes: readonly Lane[],
  returned: readonly ReceivedMessage[],
  bell: Pick<Bell, 'acknowledge'>,
): Promise<void> {
  const kept = new Set(returned);
  const done = lanes.flatMap(({ messages }) => messages).filter((message) => !kept.has(message));
  if (done.length > 0) await bell.acknowledge(done.map(({ receiptHandle }) => receiptHandle));
}

/** What was tried in vain with that in mind comes last: the others are likelier to be mere neighbours of it. */
const mildestFirst = (lanes: readonly Lane[]): readonly Lane[] => [
  ...lanes.filter(({ suspicion }) => suspicion === 'once'),
  ...lanes.filter(({ suspicion }) => suspicion === 'often'),
];
