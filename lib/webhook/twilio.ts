import { createHash } from 'node:crypto';
import { ContractError, problemOfExternalUrl } from '../definitions/index.ts';
import { textAt, textKey, UNTYPED } from './hmac-scheme.ts';
import { isForm } from './media-type.ts';
import { Refused } from './refusal.ts';
import type { WebhookRequest } from './request.ts';
import type { WebhookScheme } from './scheme.ts';
import { fromBase64, SIGNATURE_BYTES } from './signature.ts';

const HEADER = 'x-twilio-signature';

export interface TwilioOptions {
  /**
   * The URL that is configured at Twilio, without its query; `{tenant}` stands for the tenant. Twilio signs it, and behind
   * a proxy or with a custom domain a function cannot know it.
   */
  readonly publicUrl: string;
  /** `sha256` with the shared key of a webhooks rule as secret, `sha1` with the auth token. @default 'sha1' */
  readonly algorithm?: 'sha1' | 'sha256';
  /** The parameter with the delivery's type, such as `MessageStatus`. @default - all have the type `delivery` */
  readonly type?: string;
}

/**
 * Twilio's webhooks: an HMAC over the URL and the sorted parameters of the form; over the URL with the digest of the body
 * if the body is JSON. Id is the header `I-Twilio-Idempotency-Token`, which is not signed.
 * @see https://www.twilio.com/docs/usage/webhooks/webhooks-security
 * @throws ContractError `CONTRACT_INVALID`
 */
export function twilio({ publicUrl, algorithm = 'sha1', type }: TwilioOptions): WebhookScheme {
  const problem = problemOfExternalUrl(publicUrl.replace('{tenant}', 'tenant'));
  if (problem !== undefined) throw new ContractError('scheme twilio', [`publicUrl ${problem}`]);

  return {
    name: 'twilio',
    bodies: 'form',
    isIdSigned: false,
    idsHaveDots: true,
    claimOf(request) {
      const text = request.headers.get(HEADER) ?? '';
      if (text === '') return new Refused('signature-missing', `no header '${HEADER}'`);
      const bytes = fromBase64(text, SIGNATURE_BYTES[algorithm]);
      if (bytes === undefined) return new Refused('signature-malformed', `'${HEADER}' must be base64 of ${algorithm}`);
      const query = request.rawQuery === '' ? '' : `?${request.rawQuery}`;
      const url = `${publicUrl.replace('{tenant}', request.tenant ?? '')}${query}`;
      if (!isForm(request.headers.get('content-type')) && !isDigestOf(request)) {
        return new Refused('signature-mismatch', "'bodySHA256' of the query is not the digest of the body");
      }
      const parameters = isForm(request.headers.get('content-type')) ? sortedParameters(request.body) : '';
      return { material: Buffer.from(`${url}${parameters}`), signatures: [{ algorithm, bytes }], timestamp: undefined };
    },
    keyOf: textKey,
    idOf: ({ headers }) => headers.get('i-twilio-idempotency-token'),
    typeOf: (_, body) => (type === undefined ? UNTYPED : textAt(body, type)),
  };
}

/** Names and values without separators, sorted by name, repeated ones by value and once. */
function sortedParameters(body: Buffer): string {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of new URLSearchParams(body.toString('utf8'))) {
    values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  return [...values]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, each]) => [...each].toSorted().map((value) => `${name}${value}`))
    .join('');
}

/** The digest is part of the URL, hence signed. */
function isDigestOf({ rawQuery, body }: WebhookRequest): boolean {
  const named = new URLSearchParams(rawQuery).getAll('bodySHA256');
  const digest = createHash('sha256').update(body).digest('hex');
  return named.length === 1 && named[0]?.toLowerCase() === digest;
}
