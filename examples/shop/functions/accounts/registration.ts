import { timingSafeEqual } from 'node:crypto';
import { hasCode } from 'waybill';
import { ifUnchanged, type UnitOfWork } from 'waybill/outbox';
import { addMs, type Clock } from 'waybill/runtime';
import { type Account, accountKey, emailKey, type ItemOf, normalizedEmail, registrationKey } from './account.ts';
import { type AccountsTable, findItem } from './accounts-table.ts';
import { AccountPreferencesChanged, AccountRegistered, AccountRegistrationRequested } from './events.ts';
import type { KeyedHash } from './keyed-hash.ts';
import type { PasswordHasher, StoredPassword } from './password-hasher.ts';
import { codesOf, findRegistration } from './registration-mails.ts';
import type { Role } from './scopes.ts';

/** How long the code of a registration is good. */
const CODE_HOURS = 24;
/** Of a million codes. */
const MOST_ATTEMPTS = 5;

export interface RegistrationsOptions {
  readonly table: AccountsTable;
  readonly hasher: PasswordHasher;
  readonly keyedHash: KeyedHash;
  readonly clock: Clock;
  readonly newId: () => string;
}

interface NewAccount {
  readonly email: string;
  readonly name: string;
  readonly language: string;
}

type Confirmation =
  | { readonly kind: 'registered'; readonly accountId: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'email-taken' };

export interface Registrations {
  /**
   * Notes that somebody wants an account. What it does, answers and costs is the same whether the address has one: only the
   * mail tells, to whoever reads the mail of this address.
   */
  request(tx: UnitOfWork, wanted: NewAccount & { readonly password: string }): Promise<string>;
  /** Opens the account if the code is right. An attempt that fails is counted at once. */
  confirm(tx: UnitOfWork, registrationId: string, code: string): Promise<Confirmation>;
  /** Adds an account whose owner somebody vouches for. @returns undefined if the address has one */
  add(
    tx: UnitOfWork,
    wanted: NewAccount & { readonly password: string; readonly roles: readonly Role[] },
  ): Promise<string | undefined>;
}

export function createRegistrations({ table, hasher, keyedHash, clock, newId }: RegistrationsOptions): Registrations {
  const open = (
    tx: UnitOfWork,
    { email, name, language }: NewAccount,
    password: StoredPassword,
    roles: readonly Role[],
  ) => {
    const accountId = `a-${newId()}`;
    const mails = { orders: true, delivery: true, news: false };
    const account: Account = {
      kind: 'account',
      accountId,
      email,
      name,
      language,
      mails,
      roles: [...roles],
      password,
      sessions: 1,
      version: 1,
    };
    table.within(tx).put({
      Item: { ...accountKey(accountId), ...account },
      ConditionExpression: 'attribute_not_exists(id)',
    });
    tx.publish(AccountRegistered, { accountId });
    tx.publish(AccountPreferencesChanged, { accountId, language, mails });
    return accountId;
  };

  const claimEmail = (tx: UnitOfWork, email: string, accountId: string, before: ItemOf<'email'> | undefined) =>
    table.within(tx).put({ Item: { ...emailKey(email), kind: 'email', accountId }, ...ifStillFree(before) });

  /** @returns false if too many were tried; attempts at once are counted one after the other */
  const countAttempt = async (registrationId: string): Promise<boolean> => {
    try {
      await table.update({
        Key: registrationKey(registrationId),
        UpdateExpression: 'ADD attempts :one',
        ConditionExpression: 'attempts < :most',
        ExpressionAttributeValues: { ':one': 1, ':most': MOST_ATTEMPTS },
      });
      return true;
    } catch (error) {
      if (!hasCode(error, 'OUTBOX_CONDITION_FAILED')) throw error;
      return false;
    }
  };

  return {
    async request(tx, { email: given, name, language, password }) {
      const email = normalizedEmail(given);
      const registrationId = `r-${newId()}`;
      const hashed = await hasher.hash(password);
      const owner = await findItem(table, 'email', emailKey(email));
      const expires = Math.floor(addMs(clock.now(), CODE_HOURS * 3_600_000) / 1000);
      const writes = table.within(tx);
      const registration: ItemOf<'registration'> = {
        kind: 'registration',
        registrationId,
        attempts: 0,
        expires,
        ...(owner?.accountId === undefined
          ? { wanted: { email, name, language, password: hashed } }
          : { accountId: owner.accountId }),
      };
      writes.put({ Item: { ...registrationKey(registrationId), ...registration } });
      if (owner?.accountId === undefined) {
        // the latest one counts, so that a code is good for what its owner has asked for last
        if (owner?.registrationId !== undefined) writes.delete({ Key: registrationKey(owner.registrationId) });
        writes.put({ Item: { ...emailKey(email), kind: 'email', registrationId, expires }, ...ifStillFree(owner) });
      } else {
        // as many writes as for a new address
        writes.conditionCheck({ Key: emailKey(email), ...ifUnchanged('accountId', owner.accountId) });
      }
      tx.publish(AccountRegistrationRequested, { registrationId });
      return registrationId;
    },

    async confirm(tx, registrationId, code) {
      const registration = await findRegistration(table, registrationId, clock);
      const codes = await codesOf(keyedHash, registrationId);
      if (registration === undefined) return { kind: 'refused' };
      const mayTry = await countAttempt(registrationId);
      const isRight = codes.map((right) => isSame(right, code)).includes(true);
      const { wanted } = registration;
      if (!mayTry || !isRight || wanted === undefined) return { kind: 'refused' };
      const owner = await findItem(table, 'email', emailKey(wanted.email));
      if (owner?.accountId !== undefined) return { kind: 'email-taken' };
      const accountId = open(tx, wanted, wanted.password, ['customer']);
      claimEmail(tx, wanted.email, accountId, owner);
      // two confirmations at once open one account
      table.within(tx).delete({
        Key: registrationKey(registrationId),
        ConditionExpression: 'attribute_exists(id)',
      });
      return { kind: 'registered', accountId };
    },

    async add(tx, { password, roles, ...wanted }) {
      const email = normalizedEmail(wanted.email);
      const owner = await findItem(table, 'email', emailKey(email));
      if (owner?.accountId !== undefined) return undefined;
      const accountId = open(tx, { ...wanted, email }, await hasher.hash(password), roles);
      claimEmail(tx, email, accountId, owner);
      if (owner?.registrationId !== undefined) {
        table.within(tx).delete({ Key: registrationKey(owner.registrationId) });
      }
      return accountId;
    },
  };
}

/** The condition that an address has no account, and that nobody has asked for one since it was read. */
const ifStillFree = (read: ItemOf<'email'> | undefined) => {
  const { ConditionExpression, ...values } = ifUnchanged('registrationId', read?.registrationId);
  return { ConditionExpression: `attribute_not_exists(accountId) AND ${ConditionExpression}`, ...values };
};

const isSame = (a: string, b: string): boolean =>
  Buffer.byteLength(a) === Buffer.byteLength(b) && timingSafeEqual(Buffer.from(a), Buffer.from(b));
