import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { TokenKeeper } from 'waybill/sync';
import type { Tenancy } from 'waybill/tenancy';
import { readCommand } from '../command.ts';
import { SUPPLIER_B, type SupplierLogin } from '../product-sync/supplier-tokens.ts';
import * as z from '../zod.ts';

export interface ConnectSupplierDeps {
  readonly login: SupplierLogin;
  readonly tokens: Pick<TokenKeeper, 'store'>;
  readonly tenancy: Pick<Tenancy, 'runAsTenant'>;
  readonly logger: Logger;
}

export interface ConnectSupplierResult {
  readonly outcome: 'connected';
}

const commandSchema = z.object({ code: z.string().check(z.minLength(1)) });

const TIMEOUT_MS = 10_000;

/** Exchanges the code that supplier B gives to who has agreed, and keeps the tokens. */
export const createConnectSupplier =
  ({ login, tokens, tenancy, logger }: ConnectSupplierDeps) =>
  async (command: unknown, context: Context): Promise<ConnectSupplierResult> => {
    logger.addContext(context);
    const { tenantId, content } = readCommand('connect-supplier', commandSchema, command);
    await tenancy.runAsTenant(tenantId, async () => {
      await tokens.store(SUPPLIER_B, await login.exchange(content, AbortSignal.timeout(TIMEOUT_MS)));
    });
    logger.info('supplier connected', { provider: SUPPLIER_B, tenant_id: tenantId });
    return { outcome: 'connected' };
  };
