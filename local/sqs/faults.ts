/** What goes wrong on demand; every hook is optional and means "nothing" when it is left out or returns undefined. */
export interface SqsFaults {
  /** Asked for each message that a receive hands out. */
  onReceive?(received: ReceivedInfo): ReceiveFault | undefined;
  /** How long a message that was sent to a standard queue cannot be found yet, in milliseconds: others pass it. */
  onSend?(queueName: string): number | undefined;
  /** Of what age the counts of GetQueueAttributes are, in milliseconds. */
  onCounts?(queueName: string): number | undefined;
}

interface ReceivedInfo {
  readonly queueName: string;
  readonly isFifo: boolean;
  readonly messageId: string;
  /** With this receive. */
  readonly receiveCount: number;
}

interface ReceiveFault {
  /** Its visibility timeout ends after so many milliseconds, whatever was asked for. */
  readonly visibleAfterMs?: number;
  /** Of a standard queue: it comes again after so many milliseconds, also if it was deleted by then. */
  readonly againAfterMs?: number;
}
