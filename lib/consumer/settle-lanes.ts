import type { Suspicion } from '../ordering/index.ts';
import { giveBackUntried } from './give-back-untried.ts';
import type { ReceivedMessage } from './received-message.ts';
import type { Workbench } from './workbench.ts';

/** The messages of a batch that are handled one after another. */
export interface Lane {
  readonly messages: readonly ReceivedMessage[];
  /** Whether one of them may be what ended an earlier execution; `untold`: it comes again, and nothing says why. */
  readonly suspicion: Suspicion | 'untold';
  /** @returns what goes back to the queue */
  settle(): Promise<readonly ReceivedMessage[]>;
}

type GivingBack = Pick<Workbench, 'bell' | 'renewal' | 'limits' | 'tellTrouble'>;

/**
 * Settles a lane; one that fails for reasons of its own (a call to DynamoDB or SQS was refused) gives back all that it
 * has, and costs no other lane a receive. What it had done is done: it comes again as a duplicate.
 */
export async function settleOrGiveBack(
  { messages, settle }: Pick<Lane, 'messages' | 'settle'>,
  bench: GivingBack,
): Promise<readonly ReceivedMessage[]> {
  try {
    return await settle();
  } catch (error) {
    bench.tellTrouble(error, messages);
  }
  try {
    return await giveBackUntried(messages, bench);
  } catch (error) {
    bench.tellTrouble(error, messages);
    return messages;
  }
}

/**
 * Settles lanes side by side; but what may end the process comes after all others, alone, and what is done with until
 * then is acknowledged first. An event that kills its process would else use up the receives of everything that shares
 * its batches, and take it along into the DLQ.
 * @returns what goes back to the queue, by lane
 */
export async function settleLanes(
  lanes: readonly Lane[],
  bench: GivingBack,
): Promise<readonly (readonly ReceivedMessage[])[]> {
  const returned: (readonly ReceivedMessage[])[] = [];
  let done: readonly ReceivedMessage[] = [];
  for (const phase of phasesOf(lanes)) {
    if (done.length > 0) await bench.bell.acknowledge(done.map(({ receiptHandle }) => receiptHandle));
    const kept = await Promise.all(phase.map((lane) => settleOrGiveBack(lane, bench)));
    const open = new Set(kept.flat());
    done = phase.flatMap(({ messages }) => messages).filter((message) => !open.has(message));
    returned.push(...kept);
  }
  return returned;
}

/** The likelier that a lane ends the process, the later; what was tried in vain with that in mind comes last. */
function phasesOf(lanes: readonly Lane[]): readonly (readonly Lane[])[] {
  const of = (suspicion: Lane['suspicion']) => lanes.filter((lane) => lane.suspicion === suspicion);
  const oneByOne = (suspicion: Lane['suspicion']) => of(suspicion).map((lane) => [lane]);
  // an outage makes many come again that nothing is told of: one by one they would take too long
  return [of('none'), ...oneByOne('once'), of('untold'), ...oneByOne('often')].filter((phase) => phase.length > 0);
}
