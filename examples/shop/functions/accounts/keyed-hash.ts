import { createHmac } from 'node:crypto';
import { WaybillError } from 'waybill';
import { createKeptSecrets, type KeptSecretsOptions } from 'waybill/runtime';

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

/** @param name of the secret with the key */
export function createKeyedHash(
  { reader, clock }: Pick<KeptSecretsOptions, 'reader' | 'clock'>,
  name: string,
): KeyedHash {
  const kept = createKeptSecrets({ reader, clock, unusable: (problem) => new AccountsKeyError(problem) });
  const keys = async (): Promise<readonly [string, ...string[]]> => {
    const [current, ...previous] = (await kept.current(name)).texts;
    if (current === undefined) throw new AccountsKeyError('does not exist, or has no value');
    return [current, ...previous];
  };
  const hash = (key: string, purpose: string, text: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify([purpose, text]))
      .digest('base64url');

  return {
    async of(purpose, text) {
      const [current] = await keys();
      return hash(current, purpose, text);
    },
    async candidates(purpose, text) {
      return (await keys()).map((key) => hash(key, purpose, text));
    },
  };
}
