import type { ReceivedMessage } from './received-message.ts';
import type { Workbench } from './workbench.ts';

/**
 * Sees to messages that go back though nothing was tried for them, or though the trouble was not theirs. One on its last
 * receive would become a dead letter for it: its event gets a new message instead.
 * @returns what goes back to the queue
 */
export async function giveBackUntried(
  messages: readonly ReceivedMessage[],
  { renewal, limits }: Pick<Workbench, 'renewal' | 'limits'>,
): Promise<readonly ReceivedMessage[]> {
  const returned: ReceivedMessage[] = [];
  // one after another: they may be of one group
  for (const message of messages) {
    const isRenewed = message.receiveCount >= limits.maxReceiveCount && (await renewal.renew(message));
    if (!isRenewed) returned.push(message);
  }
  return returned;
}
