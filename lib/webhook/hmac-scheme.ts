import { ContractError, shown } from '../definitions/index.ts';
import { WebhookSecretError } from './errors.ts';
import { Refused } from './refusal.ts';
import type { WebhookRequest } from './request.ts';
import type { MacAlgorithm, WebhookBody, WebhookScheme } from './scheme.ts';
import { fromBase64, fromHex, SIGNATURE_BYTES, toSeconds } from './signature.ts';

/** A header's name, or the path of a member of the body such as `event.id`. */
export type Place = { readonly header: string } | { readonly member: string };

export interface HmacOptions {
  /** The header with the signature: `x-acme-signature`. */
  readonly signatureHeader: string;
  /** Text before the signature in its header: `sha256=`. @default - none */
  readonly prefix?: string;
  /** @default 'sha256' */
  readonly algorithm?: MacAlgorithm;
  /** @default 'hex' */
  readonly encoding?: 'hex' | 'base64';
  /**
   * What is signed: text with `{timestamp}`, `{id}` and, at its end, `{body}`. Without a timestamp, an old request can be
   * sent again after the 7 days for which deliveries are recorded. @default '{body}'
   */
  readonly signed?: string;
  /** The header with the time of sending, in seconds since the epoch. Required by `{timestamp}`. @default - none */
  readonly timestampHeader?: string;
  /** Where the delivery's id is. `{id}` requires a header. */
  readonly id: Place;
  /**
   * Where the delivery's type is. If both are given, a header that differs from the body is refused: headers are not
   * signed. @default - all deliveries have the type `delivery`
   */
  readonly type?: { readonly header?: string; readonly member?: string };
}

/** The type of deliveries whose scheme has no types. */
export const UNTYPED = 'delivery';

/** Senders sign with two secrets while they change them. */
export const MOST_SIGNATURES = 10;

const PLACEHOLDER = /\{(timestamp|id|body)\}/g;

/** What the schemes of providers need beside an HMAC over a text with placeholders. */
type Special = Partial<Pick<WebhookScheme, 'idOf' | 'typeOf' | 'challengeOf'>> & { readonly name?: string };

/**
 * A scheme of one signature in a header: an HMAC over the body, or over a text with the body at its end.
 *
 * @example
 * hmac({
 *   signatureHeader: 'x-acme-signature',
 *   signed: '{timestamp}.{body}',
 *   timestampHeader: 'x-acme-timestamp',
 *   id: { member: 'id' },
 *   type: { member: 'type' },
 * })
 *
 * @throws ContractError `CONTRACT_INVALID` listing all problems
 */
export const hmac = (options: HmacOptions): WebhookScheme => hmacScheme(options);

export function hmacScheme(options: HmacOptions, special: Special = {}): WebhookScheme {
  const { prefix = '', algorithm = 'sha256', encoding = 'hex', signed = '{body}', type } = options;
  const problems = problemsOf({ ...options, algorithm, encoding, signed });
  if (problems.length > 0) throw new ContractError('scheme hmac', problems);
  const signatureHeader = options.signatureHeader.toLowerCase();
  const timestampHeader = options.timestampHeader?.toLowerCase();
  const head = signed.slice(0, -'{body}'.length);
  const decode = encoding === 'hex' ? fromHex : fromBase64;

  return {
    name: 'hmac',
    bodies: 'json',
    isIdSigned: 'member' in options.id || signed.includes('{id}'),
    idsHaveDots: !signed.includes('{id}'),
    claimOf(request) {
      const text = request.headers.get(signatureHeader) ?? '';
      if (text === '') return new Refused('signature-missing', `no header '${signatureHeader}'`);
      const bytes = text.startsWith(prefix) ? decode(text.slice(prefix.length), SIGNATURE_BYTES[algorithm]) : undefined;
      if (bytes === undefined) {
        return new Refused(
          'signature-malformed',
          `'${signatureHeader}' must be ${prefix}<${encoding} of ${algorithm}>`,
        );
      }
      const time = timestampHeader === undefined ? undefined : readTimestamp(request, timestampHeader);
      if (time instanceof Refused) return time;
      const parts = { timestamp: time?.text ?? '', id: idOf(request, {}, options.id) ?? '', body: '' };
      const before = head.replace(PLACEHOLDER, (_, name: keyof typeof parts) => parts[name]);
      return {
        material: Buffer.concat([Buffer.from(before), request.body]),
        signatures: [{ algorithm, bytes }],
        timestamp: time?.seconds,
      };
    },
    keyOf: textKey,
    idOf: (request, body) => idOf(request, body, options.id),
    typeOf: (request, body) => typeOf(request, body, type),
    ...special,
  };
}

/** The key is the secret's text. */
export function textKey(secret: string): Buffer {
  if (secret === '') throw new WebhookSecretError('is empty');
  return Buffer.from(secret);
}

export interface ReadTimestamp {
  readonly text: string;
  readonly seconds: number;
}

export function readTimestamp({ headers }: WebhookRequest, header: string): ReadTimestamp | Refused {
  const text = headers.get(header) ?? '';
  if (text === '') return new Refused('timestamp-missing', `no header '${header}'`);
  const seconds = toSeconds(text);
  return seconds === undefined
    ? new Refused('timestamp-malformed', `'${header}' must be seconds since the epoch`)
    : { text, seconds };
}

function idOf({ headers }: WebhookRequest, body: WebhookBody, place: Place): string | undefined {
  return 'header' in place ? headers.get(place.header.toLowerCase()) : textAt(body, place.member);
}

function typeOf(
  { headers }: WebhookRequest,
  body: WebhookBody,
  place: HmacOptions['type'],
): string | undefined | Refused {
  if (place === undefined) return UNTYPED;
  const named = place.header === undefined ? undefined : headers.get(place.header.toLowerCase());
  const own = place.member === undefined ? undefined : textAt(body, place.member);
  if (place.header !== undefined && place.member !== undefined && named !== own) {
    return new Refused('type-contradicted', `'${place.header}' and the body's '${place.member}' differ`);
  }
  return own ?? named;
}

/** The text, or number, at a path of own members. */
export function textAt(body: WebhookBody, path: string): string | undefined {
  let value: unknown = body;
  for (const member of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, member)) return undefined;
    value = Reflect.get(value, member);
  }
  return typeof value === 'number' ? String(value) : typeof value === 'string' ? value : undefined;
}

function problemsOf({
  signatureHeader,
  algorithm,
  encoding,
  signed,
  timestampHeader,
  id,
  type = {},
}: HmacOptions & Required<Pick<HmacOptions, 'algorithm' | 'encoding' | 'signed'>>): readonly string[] {
  const problems: string[] = [];
  const headers = { signatureHeader, timestampHeader, 'id.header': headerOf(id), 'type.header': type.header };
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value)) {
      problems.push(`${name} must be the name of a header such as 'x-acme-signature', got ${shown(value)}`);
    }
  }
  if (!Object.hasOwn(SIGNATURE_BYTES, algorithm) || (algorithm as string) === 'ed25519') {
    problems.push(`algorithm must be 'sha256', 'sha512' or 'sha1', got ${shown(algorithm)}`);
  }
  if (encoding !== 'hex' && encoding !== 'base64') {
    problems.push(`encoding must be 'hex' or 'base64', got ${shown(encoding)}`);
  }
  if (signed.indexOf('{body}') !== signed.length - '{body}'.length) {
    problems.push(`signed must have '{body}' once, at its end, got ${shown(signed)}`);
  }
  if (signed.includes('{timestamp}') !== (timestampHeader !== undefined)) {
    problems.push(
      `timestampHeader must be given if signed has '{timestamp}', and only then, got ${shown(timestampHeader)}`,
    );
  }
  if (signed.includes('{id}') && headerOf(id) === undefined) {
    problems.push("id must name a header, because signed has '{id}'");
  }
  return problems;
}

const headerOf = (place: Place): string | undefined => ('header' in place ? place.header : undefined);
