import { type AdapterRuntime, createExternalClient } from 'waybill/runtime';
import { createFakeMailer } from './fake-mailer.ts';
import { createHttpMailer, MAILER_LIMITS } from './http-mailer.ts';
import type { Mailer } from './mailer.ts';

/** The mail service at `MAILER_URL`; the fake where that is not set. Called once per container, in `index.ts`. */
export function selectMailer(environment: NodeJS.ProcessEnv, runtime: AdapterRuntime): Mailer {
  const baseUrl = environment['MAILER_URL'] ?? '';
  if (baseUrl === '') return createFakeMailer();
  return createHttpMailer(createExternalClient({ name: 'mailer', baseUrl, limits: MAILER_LIMITS }, runtime));
}
