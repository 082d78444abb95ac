/**
 * Why a request was refused, with the status of its answer. The answer itself has only the status; log lines and the
 * metric `WebhooksRefused` have the reason.
 */
export const REFUSALS = {
  /** The webhook's definition says `retired`. */
  retired: 410,
  'method-not-allowed': 404,
  /** The body has more than `maxBytes`. */
  'too-large': 413,
  /** The request has a content-encoding. */
  encoded: 415,
  /** The content type is not one of the scheme's. */
  'media-type': 415,
  'signature-missing': 401,
  /** The signature has another form than the scheme's: a truncated digest, hex instead of base64, two signature headers. */
  'signature-malformed': 401,
  /** No secret of the tenant makes this signature over these bytes. */
  'signature-mismatch': 401,
  'timestamp-missing': 401,
  'timestamp-malformed': 401,
  /** The signed time is more than `toleranceSeconds` in the past. */
  'too-old': 401,
  /** The signed time is more than `toleranceSeconds` in the future. */
  'too-far-ahead': 401,
  /** The path's tenant is not a tenant id, or has no secret. */
  'tenant-unknown': 401,
  'not-utf8': 400,
  'not-json': 400,
  'not-an-object': 400,
  /** Deeper than 100 levels. */
  'too-deep': 400,
  /** A member is called `__proto__`. */
  'unsafe-member': 400,
  'id-missing': 400,
  /** The delivery id has more than 255 characters or, where ids are joined to what is signed, a dot. */
  'id-malformed': 400,
  /** The header and the body name different types. */
  'type-contradicted': 400,
  /** The definition has no such type and says `unknown: 'refuse'`. */
  'type-unknown': 400,
  'schema-misfit': 400,
  /** It fits the schema, and the event made from it has data, a group or a subject that is not valid. */
  'event-misfit': 400,
  /** Its events are larger than the outbox takes. */
  'event-too-large': 413,
} as const;

export type RefusalReason = keyof typeof REFUSALS;

/** Why a verified request, or one that could not be verified, was answered with 503: the sender tries again. */
export type UnavailableReason = 'secret-unreadable' | 'secret-unusable' | 'translation-failed' | 'commit-failed';

/** What of a request does not have the scheme's form. */
export class Refused {
  readonly reason: RefusalReason;
  /** For the log: never a value of the request. */
  readonly detail: string | undefined;

  constructor(reason: RefusalReason, detail?: string) {
    this.reason = reason;
    this.detail = detail;
  }
}
