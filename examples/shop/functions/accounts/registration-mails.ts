import type { Clock } from 'waybill/runtime';
import { accountKey, type ItemOf, registrationKey } from './account.ts';
import { type AccountsTable, findItem } from './accounts-table.ts';
import type { KeyedHash } from './keyed-hash.ts';

/** What is written to who asks for an account. */
interface RegistrationMail {
  readonly email: string;
  /** Undefined if the address has an account already. */
  readonly code: string | undefined;
}

export interface RegistrationMailsOptions {
  readonly table: Pick<AccountsTable, 'get'>;
  readonly keyedHash: KeyedHash;
  readonly clock: Clock;
}

/** @returns undefined if the registration has ended, or its account is deleted */
export type MailOfRegistration = (registrationId: string) => Promise<RegistrationMail | undefined>;

export const createRegistrationMails =
  ({ table, keyedHash, clock }: RegistrationMailsOptions): MailOfRegistration =>
  async (registrationId) => {
    const registration = await findRegistration(table, registrationId, clock);
    if (registration === undefined) return undefined;
    const { accountId, wanted } = registration;
    if (wanted !== undefined) {
      const [code] = await codesOf(keyedHash, registrationId);
      return { email: wanted.email, code };
    }
    const account = accountId === undefined ? undefined : await findItem(table, 'account', accountKey(accountId));
    return account === undefined ? undefined : { email: account.email, code: undefined };
  };

/** A registration that has not ended; the table's time to live deletes late. */
export async function findRegistration(
  table: Pick<AccountsTable, 'get'>,
  registrationId: string,
  clock: Clock,
): Promise<ItemOf<'registration'> | undefined> {
  const found = await findItem(table, 'registration', registrationKey(registrationId));
  return found === undefined || found.expires * 1000 <= clock.now() ? undefined : found;
}

/** The code of a registration by the current key and by the previous one: it follows from the id, and is stored nowhere. */
export const codesOf = async (keyedHash: KeyedHash, registrationId: string): Promise<readonly string[]> =>
  (await keyedHash.candidates('registration-code', registrationId)).map(digitsOf);

/** As many as people like to type. */
const CODE_DIGITS = 6;

const digitsOf = (hash: string): string =>
  String(Buffer.from(hash, 'base64url').readUInt32BE() % 10 ** CODE_DIGITS).padStart(CODE_DIGITS, '0');
