import { createHash, timingSafeEqual } from 'node:crypto';
import { WaybillError } from 'waybill';
import { createKeptSecrets, type KeptSecretsOptions } from 'waybill/runtime';
import { clientKey, type ItemOf } from './account.ts';
import { type AccountsTable, findItem } from './accounts-table.ts';
import type { Scope } from './scopes.ts';

/** The client that comes with the deployment: who may read its secret may add other clients, and accounts. */
const OPERATOR = 'operator';

const OPERATOR_SCOPES: readonly Scope[] = ['accounts:admin'];

export interface MachineClientsOptions extends Pick<KeptSecretsOptions, 'reader' | 'clock'> {
  readonly table: Pick<AccountsTable, 'get'>;
  readonly operatorSecretName: string;
}

/** What a client may do that has proved who it is. @returns undefined for an unknown client as for a wrong secret */
export type AuthenticateClient = (clientId: string, secret: string) => Promise<readonly Scope[] | undefined>;

export function createMachineClients(options: MachineClientsOptions): AuthenticateClient {
  const { table, reader, clock, operatorSecretName } = options;
  const kept = createKeptSecrets({ reader, clock, unusable: (problem) => new OperatorSecretError(problem) });

  const isOperator = async (secret: string): Promise<boolean> => {
    const hash = secretHashOf(secret);
    const isIn = (values: readonly string[]) => values.map((value) => isSame(secretHashOf(value), hash)).includes(true);
    return (await kept.verify(operatorSecretName, isIn)) === 'match';
  };

  return async (clientId, secret) => {
    if (clientId === OPERATOR) return (await isOperator(secret)) ? OPERATOR_SCOPES : undefined;
    const client: ItemOf<'client'> | undefined = await findItem(table, 'client', clientKey(clientId));
    // compared in any case
    const matches = isSame(secretHashOf(secret), client?.secretHash ?? NO_HASH);
    return client !== undefined && matches ? client.scopes : undefined;
  };
}

/** Random secrets need no slow hash: there are too many to try. */
export const secretHashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

const NO_HASH = secretHashOf('');

const isSame = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));

class OperatorSecretError extends WaybillError {
  readonly code = 'ACCOUNTS_OPERATOR_SECRET_UNUSABLE';

  constructor(problem: string) {
    super(`the secret of the operator ${problem}: store JSON such as {"current":"…","previous":"…"}`);
  }
}
