import { MOST_SIGNATURES, textAt, textKey } from './hmac-scheme.ts';
import { Refused } from './refusal.ts';
import type { Signature, WebhookScheme } from './scheme.ts';
import { fromHex, SIGNATURE_BYTES, toSeconds } from './signature.ts';

const HEADER = 'stripe-signature';

/**
 * Stripe's webhooks: HMAC-SHA256 over time and body. The secret is the endpoint's, with its prefix `whsec_`. Stripe does
 * not promise an order: compare versions or timestamps of objects in consumers.
 * @see https://docs.stripe.com/webhooks/signature
 */
export const stripe = (): WebhookScheme => ({
  name: 'stripe',
  bodies: 'json',
  isIdSigned: true,
  idsHaveDots: true,
  claimOf({ headers, body }) {
    const header = headers.get(HEADER) ?? '';
    if (header === '') return new Refused('signature-missing', `no header '${HEADER}'`);
    const parts = header.split(',').map((part) => part.split('='));
    const valuesOf = (name: string) => parts.filter(([each]) => each === name).map(([, ...rest]) => rest.join('='));
    const [time, ...others] = valuesOf('t');
    if (time === undefined || time === '') return new Refused('timestamp-missing', `'${HEADER}' has no 't'`);
    const seconds = toSeconds(time);
    if (seconds === undefined) return new Refused('timestamp-malformed', `'t' of '${HEADER}' must be seconds`);
    const signatures = valuesOf('v1').map((text) => fromHex(text, SIGNATURE_BYTES.sha256));
    const isReadable = signatures.length > 0 && signatures.length <= MOST_SIGNATURES && !signatures.includes(undefined);
    // two headers are joined to one with two times
    if (!isReadable || others.length > 0) {
      return new Refused('signature-malformed', `'${HEADER}' must have one 't' and 1 to 10 'v1' of 64 hex digits`);
    }
    return {
      material: Buffer.concat([Buffer.from(`${time}.`), body]),
      signatures: signatures.flatMap((bytes): Signature[] =>
        bytes === undefined ? [] : [{ algorithm: 'sha256', bytes }],
      ),
      timestamp: seconds,
    };
  },
  keyOf: textKey,
  idOf: (_, body) => textAt(body, 'id'),
  typeOf: (_, body) => textAt(body, 'type'),
});
