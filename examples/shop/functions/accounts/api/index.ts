import { api } from 'waybill/runtime';
import { createAccountsRuntime } from '../runtime.ts';
import { createAccountsHandlers } from './handler.ts';
import { accountsApi } from './routes.ts';

export const handler = api(accountsApi, (runtime) =>
  createAccountsHandlers(createAccountsRuntime(runtime, process.env)),
);
