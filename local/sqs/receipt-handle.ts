/** Which receive of which message of which queue a handle stands for. */
export interface Receipt {
  readonly queueArn: string;
  readonly messageId: string;
  /** The message's receive count after that receive. */
  readonly receive: number;
}

export const writeReceiptHandle = ({ queueArn, messageId, receive }: Receipt): string =>
  Buffer.from(`${queueArn}\n${messageId}\n${receive}`).toString('base64');

/** @returns undefined for what was never a handle of this engine. */
export function readReceiptHandle(handle: string): Receipt | undefined {
  const [queueArn, messageId, receive] = Buffer.from(handle, 'base64').toString('utf8').split('\n');
  if (queueArn === undefined || messageId === undefined || receive === undefined) return undefined;
  const receipt = { queueArn, messageId, receive: Number(receive) };
  return writeReceiptHandle(receipt) === handle ? receipt : undefined;
}
