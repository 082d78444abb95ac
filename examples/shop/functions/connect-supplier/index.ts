import { randomUUID } from 'node:crypto';
import { createExternalClient, createProducerRuntime, requireEnv, syncOptions } from 'waybill/runtime';
import { createTokenKeeper } from 'waybill/sync';
import { createSupplierLogin } from '../product-sync/supplier-tokens.ts';
import { createConnectSupplier } from './handler.ts';

const { SUPPLIER_B_URL: baseUrl } = requireEnv(process.env, 'SUPPLIER_B_URL');
const runtime = createProducerRuntime();
const { tenancy, logger } = runtime;
const { table, clock } = syncOptions(runtime);
const client = createExternalClient({ name: 'supplier-b-login', baseUrl }, { ...runtime, clock, random: Math.random });

export const handler = createConnectSupplier({
  login: createSupplierLogin(client, clock),
  tokens: createTokenKeeper({ table, clock, newToken: randomUUID }),
  tenancy,
  logger,
});
