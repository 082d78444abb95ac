import { randomUUID } from 'node:crypto';
import type { JsonClient } from 'waybill/resilience';
import { type ConsumerRuntime, createExternalClient, syncOptions } from 'waybill/runtime';
import { createTokenKeeper } from 'waybill/sync';
import { createSupplierLogin, SUPPLIER_B } from './supplier-tokens.ts';

/** A client of supplier B with the tokens of the tenant at work, which all of its users share. */
export function createSupplierBClient(runtime: ConsumerRuntime, baseUrl: string): JsonClient {
  const { table, clock } = syncOptions(runtime);
  const tokens = createTokenKeeper({ table, clock, newToken: randomUUID });
  const login = createSupplierLogin(createExternalClient({ name: 'supplier-b-login', baseUrl }, runtime), clock);
  return createExternalClient(
    {
      name: 'supplier-b',
      baseUrl,
      async headers(signal) {
        const access = await tokens.accessToken(SUPPLIER_B, (refresh_token) =>
          login.exchange({ refresh_token }, signal),
        );
        return { authorization: `Bearer ${access}` };
      },
    },
    runtime,
  );
}
