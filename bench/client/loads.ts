import { callEdge } from './loads/call-edge.ts';
import { deliverToQueues } from './loads/deliver-to-queues.ts';
import { fillGroup } from './loads/fill-group.ts';
import { passThroughQueue } from './loads/pass-through-queue.ts';
import { publishEvents } from './loads/publish-events.ts';
import { publishPlainly } from './loads/publish-plainly.ts';
import { sendPaced } from './loads/send-paced.ts';
import { writeTransactions } from './loads/write-transactions.ts';

/** Something to do to the engines over the wire; input and output go through IPC. */
export type Load<Input, Output> = (input: Input) => Promise<Output>;

export const LOADS = {
  callEdge,
  deliverToQueues,
  fillGroup,
  passThroughQueue,
  publishEvents,
  publishPlainly,
  sendPaced,
  writeTransactions,
};

export type Loads = typeof LOADS;
export type LoadName = keyof Loads;
