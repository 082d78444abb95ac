import type { Refused } from './refusal.ts';
import type { WebhookRequest } from './request.ts';

/** The members of a body that was parsed. */
export type WebhookBody = Readonly<Record<string, unknown>>;

export type MacAlgorithm = 'sha1' | 'sha256' | 'sha512';

/** A signature of a request: a MAC, or one with an Ed25519 key. */
export interface Signature {
  readonly algorithm: MacAlgorithm | 'ed25519';
  readonly bytes: Buffer;
}

/** What a request says about itself. Nothing of it is verified. */
export interface Claim {
  /** The bytes over which the signature is made. */
  readonly material: Buffer;
  /** At least one: senders sign with two secrets while they change them. */
  readonly signatures: readonly Signature[];
  /** The signed time, in seconds since the epoch; undefined if the scheme signs none. */
  readonly timestamp: number | undefined;
}

/** How the senders of a webhook sign what they send, and where they name the delivery and its type. */
export interface WebhookScheme {
  /** In log lines: `stripe`. */
  readonly name: string;
  /** `form`: bodies are forms or JSON. */
  readonly bodies: 'json' | 'form';
  /** Whether the delivery's id is part of what is signed. If not, the digest of what is signed also identifies it. */
  readonly isIdSigned: boolean;
  /** Reads the signature; the request is refused if it does not have the scheme's form. */
  claimOf(request: WebhookRequest): Claim | Refused;
  /**
   * The key in a secret's text, for one kind of signature; undefined if the secret is for another kind.
   * @throws WebhookSecretError `WEBHOOK_SECRET_UNUSABLE`
   */
  keyOf(secret: string, algorithm: Signature['algorithm']): Buffer | undefined;
  /** The delivery's id; undefined if there is none. */
  idOf(request: WebhookRequest, body: WebhookBody): string | undefined;
  /** Whether ids may have dots. */
  readonly idsHaveDots: boolean;
  /** The delivery's type; undefined if there is none. */
  typeOf(request: WebhookRequest, body: WebhookBody): string | undefined | Refused;
  /** The answer to a handshake; undefined if the body is not one. */
  challengeOf?(body: WebhookBody): string | undefined;
}
