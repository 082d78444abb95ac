import { ifUnchanged } from '../outbox/index.ts';
import { STORED_FORMAT } from '../shared/stored-format.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import type { TenantTable } from '../tenancy/index.ts';
import { SyncRaceError, SyncTokenBusyError, SyncTokensMissingError } from './errors.ts';
import type { SyncItem } from './sync-item.ts';

/** What a provider gives for a refresh token, which works once. */
export interface Tokens {
  readonly access: string;
  readonly refresh: string;
  readonly expiresAt: EpochMs;
}

/** The tokens of providers, of the current tenant, shared by all containers. */
export interface TokenKeeper {
  /** Stores the first tokens, or new ones after the provider has refused the old ones. */
  store(provider: string, tokens: Tokens): Promise<void>;
  /**
   * The access token; it is refreshed a minute before it ends, by one execution at a time, and stored before it is used.
   * @param refresh exchanges the refresh token at the provider
   * @throws SyncTokensMissingError `SYNC_TOKENS_MISSING` if none were stored
   * @throws SyncTokenBusyError `SYNC_TOKEN_BUSY` while another execution refreshes it and the old one has ended: the event
   * waits
   */
  accessToken(provider: string, refresh: (refreshToken: string) => Promise<Tokens>): Promise<string>;
}

export interface TokenKeeperOptions {
  /** A table of `SYNC_TABLE` whose items `parseSyncItem` reads. */
  readonly table: TenantTable<SyncItem>;
  readonly clock: Clock;
  /** Different for every call, such as `randomUUID`. */
  readonly newToken: () => string;
}

const REFRESH_BEFORE_MS = 60_000;

/** Longer than a provider takes to answer. */
const CLAIM_MS = 30_000;

/** Each lost race is one of another execution that has stored something. */
const MOST_RACES = 5;

interface Kept extends Tokens {
  /** The execution that refreshes them. */
  readonly claim: { readonly owner: string; readonly until: EpochMs } | undefined;
}

interface Read {
  readonly kept: Kept | undefined;
  readonly revision: number;
}

/**
 * Keeps tokens in the sync's table. A refresh token works once, so an execution claims it before it is sent: two that
 * refresh at a time would burn it.
 */
export function createTokenKeeper({ table, clock, newToken }: TokenKeeperOptions): TokenKeeper {
  const keyOf = (provider: string) => ({ id: `tokens#${provider}`, part: 'tokens' });

  const read = async (provider: string): Promise<Read> => {
    const item = await table.get(keyOf(provider));
    return { kept: item?.content as Kept | undefined, revision: item?.revision ?? 0 };
  };

  /** @returns false if another execution has written them since they were read */
  const write = async (provider: string, { revision }: Read, kept: Kept): Promise<boolean> => {
    const Item = { ...STORED_FORMAT, ...keyOf(provider), content: JSON.stringify(kept), revision: revision + 1 };
    const refused = () => new SyncRaceError('tokens');
    try {
      await table.put({ Item, ...ifUnchanged('revision', revision === 0 ? undefined : revision), refused });
      return true;
    } catch (error) {
      if (error instanceof SyncRaceError) return false;
      throw error;
    }
  };

  /** The provider has used up the old token: the new one must be stored, whoever has written meanwhile. */
  const storeRefreshed = async (provider: string, used: string, tokens: Tokens): Promise<string> => {
    for (let race = 1; race <= MOST_RACES; race++) {
      const current = await read(provider);
      // another execution's is as new
      if (current.kept !== undefined && current.kept.refresh !== used) return current.kept.access;
      if (await write(provider, current, { ...tokens, claim: undefined })) return tokens.access;
    }
    throw new SyncRaceError('tokens');
  };

  const refreshClaimed = async (
    provider: string,
    { refresh: used }: Kept,
    owner: string,
    refresh: (refreshToken: string) => Promise<Tokens>,
  ): Promise<string> => {
    try {
      return await storeRefreshed(provider, used, await refresh(used));
    } catch (error) {
      const current = await read(provider);
      // another execution has taken over the claim, and was answered
      if (current.kept !== undefined && current.kept.refresh !== used) return current.kept.access;
      if (current.kept?.claim?.owner === owner) await write(provider, current, { ...current.kept, claim: undefined });
      throw error;
    }
  };

  return {
    async store(provider, tokens) {
      for (let race = 1; race <= MOST_RACES; race++) {
        if (await write(provider, await read(provider), { ...tokens, claim: undefined })) return;
      }
      throw new SyncRaceError('tokens');
    },

    async accessToken(provider, refresh) {
      for (let race = 1; race <= MOST_RACES; race++) {
        const found = await read(provider);
        const { kept } = found;
        if (kept === undefined) throw new SyncTokensMissingError(provider);
        const now = clock.now();
        if (kept.expiresAt - now > REFRESH_BEFORE_MS) return kept.access;
        if (kept.claim !== undefined && kept.claim.until > now) {
          if (kept.expiresAt > now) return kept.access;
          throw new SyncTokenBusyError(provider);
        }
        const owner = newToken();
        const claimed = await write(provider, found, { ...kept, claim: { owner, until: addMs(now, CLAIM_MS) } });
        if (claimed) return refreshClaimed(provider, kept, owner, refresh);
      }
      throw new SyncTokenBusyError(provider);
    },
  };
}
