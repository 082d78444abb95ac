import { createFakeMailer } from './fake-mailer.ts';
import type { Mailer } from './mailer.ts';

/** The mailer of this environment: the fake. */
export const selectMailer = (_environment: NodeJS.ProcessEnv, _runtime: object): Mailer => createFakeMailer();
