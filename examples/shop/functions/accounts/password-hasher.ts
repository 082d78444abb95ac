import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import * as z from '../zod.ts';

/** What a password costs to try. */
export interface PasswordCost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
}

/** A password as it is stored: its hash with all that it was made with, so that the cost can be raised later. */
export const passwordSchema = z.object({
  algorithm: z.literal('argon2id'),
  memory: z.int(),
  passes: z.int(),
  parallelism: z.int(),
  salt: z.string(),
  hash: z.string(),
});

export type StoredPassword = z.infer<typeof passwordSchema>;

export interface PasswordHasher {
  hash(password: string): Promise<StoredPassword>;
  /**
   * Compares a password with the stored one. Without a stored one it works as long, and answers false: the caller must not
   * learn whether there is an account.
   */
  matches(password: string, stored: StoredPassword | undefined): Promise<boolean>;
  /** Whether it was hashed with another cost than new passwords are. */
  isOutdated(stored: StoredPassword): boolean;
}

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const PARALLELISM = 1;

/** Hashes bytes; a test counts its calls. */
export type Hash = (parameters: Argon2Parameters) => Promise<Buffer>;

const argon2id: Hash = (parameters) => promisify(argon2)('argon2id', parameters);

/** Argon2id of Node 24. @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html */
export function createPasswordHasher({ memory, passes }: PasswordCost, hash: Hash = argon2id): PasswordHasher {
  const run = (password: string, { salt, ...cost }: Omit<StoredPassword, 'algorithm' | 'hash'>): Promise<Buffer> =>
    hash({
      // one text, whichever way a keyboard composes its accents
      message: password.normalize('NFKC'),
      nonce: Buffer.from(salt, 'base64url'),
      tagLength: HASH_BYTES,
      ...cost,
    });
  const newSalt = () => randomBytes(SALT_BYTES).toString('base64url');
  const cost = { memory, passes, parallelism: PARALLELISM };
  const nobody = { ...cost, salt: newSalt() };

  return {
    async hash(password) {
      const made = { ...cost, salt: newSalt() };
      return { algorithm: 'argon2id', ...made, hash: (await run(password, made)).toString('base64url') };
    },
    async matches(password, stored) {
      if (stored === undefined) {
        await run(password, nobody);
        return false;
      }
      const { algorithm: _, hash: known, ...made } = stored;
      return timingSafeEqual(await run(password, made), Buffer.from(known, 'base64url'));
    },
    isOutdated: (stored) => stored.memory !== memory || stored.passes !== passes || stored.parallelism !== PARALLELISM,
  };
}
