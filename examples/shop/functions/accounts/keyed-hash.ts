import { createHmac } from 'node:crypto';
import { WaybillError } from 'waybill';
import { parseRotatingSecret, type SecretCache } from 'waybill/runtime';

/** Keyed hashes: without the key nobody can try out what was hashed. */
export interface KeyedHash {
  /** @param purpose so that the hash of one purpose is of no use for another */
  of(purpose: string, text: string): Promise<string>;
  /** The hashes with the current key and with the previous one. */
  candidates(purpose: string, text: string): Promise<readonly string[]>;
}

class AccountsKeyError extends WaybillError {
  readonly code = 'ACCOUNTS_KEY_UNUSABLE';

  constructor(problem: string) {
    super(
      `the secret with the key of the accounts ${problem}: store JSON such as {"current":"…","previous":"…"}, of which 'previous' may be left out`,
    );
  }
}

export function parseAccountsKey(text: string | undefined): readonly [string, ...string[]] {
  if (text === undefined) throw new AccountsKeyError('does not exist, or has no value');
  return parseRotatingSecret(text, (problem) => new AccountsKeyError(problem));
}

export function createKeyedHash(
  keys: Pick<SecretCache<readonly [string, ...string[]]>, 'get'>,
  name: string,
): KeyedHash {
  const hash = (key: string, purpose: string, text: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify([purpose, text]))
      .digest('base64url');

  return {
    async of(purpose, text) {
      const [current] = await keys.get(name);
      return hash(current, purpose, text);
    },
    async candidates(purpose, text) {
      return (await keys.get(name)).map((key) => hash(key, purpose, text));
    },
  };
}
