import { createHash } from 'node:crypto';
import type { EventIdentity } from './ports.ts';

/** Powertools' own default is md5, which FIPS endpoints do not have. */
export const INBOX_HASH = 'sha256';

/**
 * Key of an event's record in the inbox table, as Powertools makes it: for those who look, not for the inbox itself.
 * @see https://docs.aws.amazon.com/powertools/typescript/latest/features/idempotency/
 */
export const inboxRecordKey = (consumer: string, { source, id }: EventIdentity): string =>
  `${consumer}#${createHash(INBOX_HASH)
    .update(JSON.stringify([source, id]))
    .digest('base64')}`;
