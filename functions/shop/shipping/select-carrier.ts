import type { Carrier } from './carrier.ts';
import { createFakeCarrier } from './fake-carrier.ts';

/** The carrier of this environment: the fake. */
export const selectCarrier = (_environment: NodeJS.ProcessEnv, _runtime: object): Carrier => createFakeCarrier();
