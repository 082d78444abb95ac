import { createHash, timingSafeEqual } from 'node:crypto';
import { hasCode } from 'waybill';
import type { Outbox, UnitOfWork } from 'waybill/outbox';
import { addMs, type Clock, type EpochMs } from 'waybill/runtime';
import { type Account, accountKey, type Family, familyKey } from './account.ts';
import { type AccountsTable, findItem } from './accounts-table.ts';
import { AccountChanged } from './events.ts';
import type { KeyedHash } from './keyed-hash.ts';
import type { Scope } from './scopes.ts';

/** The answer to the last refresh may be lost, and two tabs may refresh at once: its token is taken for so long. */
const GRACE_SECONDS = 60;

/** After it people log in again. */
const FAMILY_DAYS = 30;

export interface RefreshFamiliesOptions {
  readonly table: AccountsTable;
  readonly outbox: Pick<Outbox, 'transact'>;
  readonly keyedHash: KeyedHash;
  readonly clock: Clock;
  /** A random text that nobody can guess. */
  readonly newSecret: () => string;
}

interface Refreshed {
  readonly account: Account;
  readonly scope: readonly Scope[];
  /** `<family>.<secret>` */
  readonly refreshToken: string;
}

export interface RefreshFamilies {
  /** Begins a family with a login. @returns its first token */
  open(tx: UnitOfWork, account: Account, scope: readonly Scope[]): string;
  /**
   * Takes a token and gives the next one. A token that was used already revokes its family, except the last one for
   * `GRACE_SECONDS`: it gets the same next token again.
   * @returns undefined if the token is not, or no longer, good for anything
   */
  refresh(token: string): Promise<Refreshed | undefined>;
  /** Ends the family of a token; nothing happens for an unknown one. */
  end(token: string): Promise<void>;
}

/**
 * Families of refresh tokens. Only hashes are stored. The next token is a keyed hash of the one before it: so two refreshes
 * at once get the same one, and a family has one live chain. Who reads the table cannot make tokens of it, who has the key
 * cannot either, and who has a token cannot make the next one.
 */
export function createRefreshFamilies(options: RefreshFamiliesOptions): RefreshFamilies {
  const { table, outbox, keyedHash, clock, newSecret } = options;

  const revoke = async (family: Family, isReuse: boolean): Promise<void> => {
    await outbox.transact((tx) => {
      table.within(tx).update({
        Key: familyKey(family.familyId),
        UpdateExpression: 'SET isRevoked = :yes',
        ConditionExpression: 'attribute_exists(id)',
        ExpressionAttributeValues: { ':yes': true },
      });
      if (isReuse) tx.publish(AccountChanged, { accountId: family.accountId, what: 'token-reused' });
    });
  };

  const find = async (token: string) => {
    const { familyId, secret } = parse(token);
    const family = await findItem(table, 'family', familyKey(familyId));
    return family === undefined || family.isRevoked || family.expires * 1000 <= clock.now()
      ? undefined
      : { family, secret };
  };

  /** @returns false if another refresh was first */
  const rotate = async ({ familyId, current }: Family, next: string, now: EpochMs): Promise<boolean> => {
    try {
      await table.update({
        Key: familyKey(familyId),
        UpdateExpression: 'SET #current = :next, previous = :before, rotatedAt = :now',
        ConditionExpression: '#current = :before AND isRevoked = :no',
        ExpressionAttributeNames: { '#current': 'current' },
        ExpressionAttributeValues: { ':next': hashOf(next), ':before': current, ':now': now, ':no': false },
      });
      return true;
    } catch (error) {
      if (!hasCode(error, 'OUTBOX_CONDITION_FAILED')) throw error;
      return false;
    }
  };

  /** The token that took the place of this one, if it is the family's current one. */
  const successorOf = async (family: Family, secret: string): Promise<string | undefined> =>
    (await keyedHash.candidates(PURPOSE, secret)).find((next) => isSame(hashOf(next), family.current));

  return {
    open(tx, { accountId, sessions }, scope) {
      const [familyId, secret, now] = [`f-${newSecret()}`, newSecret(), clock.now()];
      const family: Family = {
        kind: 'family',
        familyId,
        accountId,
        sessions,
        scope: [...scope],
        current: hashOf(secret),
        rotatedAt: now,
        isRevoked: false,
        expires: Math.floor(addMs(now, FAMILY_DAYS * 86_400_000) / 1000),
      };
      table.within(tx).put({
        Item: { ...familyKey(familyId), ...family },
        ConditionExpression: 'attribute_not_exists(id)',
      });
      return `${familyId}.${secret}`;
    },

    async refresh(token) {
      // ends: each lost race leads away from the token that was current
      for (;;) {
        const found = await find(token);
        if (found === undefined) return undefined;
        const { family, secret } = found;
        const account = await findItem(table, 'account', accountKey(family.accountId));
        if (account === undefined || account.sessions !== family.sessions) return undefined;
        const answer = (next: string): Refreshed => ({
          account,
          scope: family.scope,
          refreshToken: `${family.familyId}.${next}`,
        });
        const now = clock.now();
        if (isSame(hashOf(secret), family.current)) {
          const next = await keyedHash.of(PURPOSE, secret);
          if (await rotate(family, next, now)) return answer(next);
          continue;
        }
        const isLast = family.previous !== undefined && isSame(hashOf(secret), family.previous);
        const next =
          isLast && now - family.rotatedAt <= GRACE_SECONDS * 1000 ? await successorOf(family, secret) : undefined;
        if (next !== undefined) return answer(next);
        await revoke(family, true);
        return undefined;
      }
    },

    async end(token) {
      const found = await find(token);
      // who only knows the family's name ends nothing
      if (found === undefined) return;
      const hash = hashOf(found.secret);
      const { current, previous = current } = found.family;
      if (isSame(hash, current) || isSame(hash, previous)) await revoke(found.family, false);
    },
  };
}

const PURPOSE = 'refresh-token';

function parse(token: string): { readonly familyId: string; readonly secret: string } {
  const dot = token.indexOf('.');
  return { familyId: token.slice(0, Math.max(dot, 0)), secret: token.slice(dot + 1) };
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** Both are hashes, of one length. */
const isSame = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));
