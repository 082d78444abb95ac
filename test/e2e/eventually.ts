import { vi } from 'vitest';

/** Less than a test's time-out, so that the failure is what the check says. */
const LIMIT_MS = 120_000;
const EVERY_MS = 100;

/** Checks until it holds, however long a busy machine takes to get there. */
export const eventually = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: LIMIT_MS, interval: EVERY_MS });
