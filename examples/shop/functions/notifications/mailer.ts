export interface Mail {
  readonly customerId: string;
  readonly subject: string;
  readonly text: string;
  /** A repeated mail under the same key MUST NOT be sent a second time. */
  readonly idempotencyKey: string;
}

/** Who sends mail to customers. Rejects where the outcome is not known; then the call is repeated. */
export interface Mailer {
  send(mail: Mail, signal: AbortSignal): Promise<void>;
}
