import { WebhookSecretError } from './errors.ts';
import { MOST_SIGNATURES, readTimestamp, textAt } from './hmac-scheme.ts';
import { Refused } from './refusal.ts';
import type { Signature, WebhookScheme } from './scheme.ts';
import { fromBase64, SIGNATURE_BYTES } from './signature.ts';

const VERSIONS: Readonly<Record<string, 'sha256' | 'ed25519'>> = { v1: 'sha256', v1a: 'ed25519' };

/**
 * Standard Webhooks 1.0: HMAC-SHA256 (`v1`) and Ed25519 (`v1a`) over id, timestamp and body. A secret is base64 with the
 * prefix `whsec_`, or a public key with the prefix `whpk_`. The type is the body's member `type`.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const standardWebhooks = (): WebhookScheme => ({
  name: 'standard-webhooks',
  bodies: 'json',
  isIdSigned: true,
  // the parts of what is signed are joined by dots
  idsHaveDots: false,
  claimOf(request) {
    const time = readTimestamp(request, 'webhook-timestamp');
    const header = request.headers.get('webhook-signature') ?? '';
    if (header === '') return new Refused('signature-missing', "no header 'webhook-signature'");
    if (time instanceof Refused) return time;
    const signatures = readSignatures(header);
    if (signatures === undefined) {
      return new Refused(
        'signature-malformed',
        "'webhook-signature' must be v1,<base64>, of up to 10 separated by spaces",
      );
    }
    const id = request.headers.get('webhook-id') ?? '';
    return {
      material: Buffer.concat([Buffer.from(`${id}.${time.text}.`), request.body]),
      signatures,
      timestamp: time.seconds,
    };
  },
  keyOf: (secret, algorithm) => {
    const isPublicKey = secret.startsWith('whpk_');
    if (isPublicKey !== (algorithm === 'ed25519')) return undefined;
    const key = fromBase64(secret.replace(/^(whsec|whpk)_/, ''));
    if (key === undefined || key.length === 0) {
      throw new WebhookSecretError("must be base64, with the prefix 'whsec_' or 'whpk_'");
    }
    return key;
  },
  idOf: ({ headers }) => headers.get('webhook-id'),
  typeOf: (_, body) => textAt(body, 'type'),
});

/** Signatures of unknown versions are ignored; undefined if there is none of a known one, or one has another form. */
function readSignatures(header: string): readonly Signature[] | undefined {
  const signatures: Signature[] = [];
  const texts = header.split(' ');
  if (texts.length > MOST_SIGNATURES) return undefined;
  for (const text of texts) {
    const [version = '', ...rest] = text.split(',');
    const algorithm = Object.hasOwn(VERSIONS, version) ? VERSIONS[version] : undefined;
    if (algorithm === undefined) continue;
    const bytes = fromBase64(rest.join(','), SIGNATURE_BYTES[algorithm]);
    if (bytes === undefined) return undefined;
    signatures.push({ algorithm, bytes });
  }
  return signatures.length === 0 ? undefined : signatures;
}
