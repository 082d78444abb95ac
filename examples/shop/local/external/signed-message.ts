import { createHmac } from 'node:crypto';

export interface SignedMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * A message as Standard Webhooks 1.0 has it: one signature for each secret.
 * @param secrets `whsec_` and base64
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signMessage(id: string, sentAtMs: number, body: string, secrets: readonly string[]): SignedMessage {
  const timestamp = String(Math.floor(sentAtMs / 1000));
  const signatureBy = (secret: string) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  };
  return {
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': secrets.map(signatureBy).join(' '),
    },
    body,
  };
}
