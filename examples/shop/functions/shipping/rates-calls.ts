import { ExternalRequestRejectedError, type RunLimits } from 'waybill/resilience';

/** Another carrier's rate is at hand sooner than a third try. */
export const RATES_LIMITS: RunLimits = { timeoutMs: 1_500, retry: { maxTries: 2 } };

/** A carrier that does not deliver says so by an empty list: a path that does not exist must not look like that. */
export const noRates = (system: string, path: string): ExternalRequestRejectedError =>
  new ExternalRequestRejectedError(system, 404, `there is no ${path}`);
