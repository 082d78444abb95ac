import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { readCommand } from '../../command.ts';
import * as z from '../../zod.ts';
import { PUBLISHED_AHEAD_SECONDS } from '../keys/key-ring.ts';
import type { KeyRingStore } from '../keys/key-ring-store.ts';

const commandSchema = z.object({
  /** Verifiers that have kept the keys refuse tokens of a key that they do not know: API Gateway for two hours. */
  signsAfterSeconds: z._default(z.int().check(z.minimum(0), z.maximum(7 * 24 * 3600)), PUBLISHED_AHEAD_SECONDS),
});

export interface RotateKeysDeps {
  readonly keyRing: Pick<KeyRingStore, 'rotate'>;
  readonly logger: Logger;
}

export interface RotateKeysResult {
  readonly keys: readonly { readonly kid: string; readonly signsFrom: string }[];
}

/** Publishes the next key before its time. The key that signs goes on until then. */
export const createRotateKeys =
  ({ keyRing, logger }: RotateKeysDeps) =>
  async (command: unknown, context: Context): Promise<RotateKeysResult> => {
    logger.addContext(context);
    const { content } = readCommand('rotate-keys', commandSchema, command ?? {});
    const { keys } = await keyRing.rotate(content.signsAfterSeconds);
    const told = keys.map(({ kid, signsFrom }) => ({ kid, signsFrom: new Date(signsFrom).toISOString() }));
    logger.info('another key was published', { keys: told });
    return { keys: told };
  };
