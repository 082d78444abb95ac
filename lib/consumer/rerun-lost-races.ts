import type { Logger } from '@aws-lambda-powertools/logger';
import { isLostRace } from './error-policy.ts';

/** Who reads anew seldom loses twice; a condition that fails this often in a row is one that never holds. */
const MOST_RUNS = 5;

/**
 * Runs a unit of work anew, at once, while a condition of its own does not hold: somebody has changed what it had read.
 * The event has not failed then, and need not wait.
 */
export async function rerunLostRaces<Result>(work: () => Promise<Result>, log: Logger): Promise<Result> {
  for (let run = 1; ; run++) {
    try {
      return await work();
    } catch (error) {
      if (!isLostRace(error) || run === MOST_RUNS) throw error;
      log.info('what the handler had read was changed by another: it runs again', { condition: error.message });
    }
  }
}
