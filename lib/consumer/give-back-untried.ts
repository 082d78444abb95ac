import type { ReceivedMessage } from './received-message.ts';
import type { Workbench } from './workbench.ts';

/**
 * Sees to messages that go back though nothing was tried for them, or though the trouble was not theirs. One on its last
 * receive would become a dead letter for it: its event gets a new message instead.
 * @returns what goes back to the queue
 */
export async function giveBackUntried(
  messages: readonly ReceivedMessage[],
  { bell, limits }: Pick<Workbench, 'bell' | 'limits'>,
): Promise<readonly ReceivedMessage[]> {
  const isRenewed = async (message: ReceivedMessage): Promise<boolean> => {
    const group = message.event?.partitionkey ?? message.messageGroup;
    if (message.receiveCount < limits.maxReceiveCount || group === undefined) return false;
    // the new bell before the old one goes: a crash between them leaves one too many, not none
    await bell.ring(group, message.body);
    await bell.acknowledge([message.receiptHandle]);
    return true;
  };
  const returned: ReceivedMessage[] = [];
  // one after another: they may be of one group
  for (const message of messages) if (!(await isRenewed(message))) returned.push(message);
  return returned;
}
