import { createRandom } from '../../../../local/seeded-random.ts';

/** When a deployment begins, as a share of the run's orders, above 0 and below 1. */
export interface DeploymentMoments {
  readonly ratios: readonly number[];
  /** Orders after this share wait until the last deployment is complete, so that this one meets some, too. */
  readonly lastRatio: number;
}

/** Where the last deployment has to be complete. */
const LAST_RATIO = 0.9;

/** No deployment begins before some orders are under way. */
const FIRST_RATIO = 0.08;

/** Draws when each of `count` deployments begins: one after another, with room for the one before. */
export function drawMoments(count: number, seed: number): DeploymentMoments {
  const random = createRandom(seed);
  const room = (LAST_RATIO - FIRST_RATIO) / count;
  return {
    ratios: Array.from({ length: count }, (_, index) => FIRST_RATIO + room * (index + random() / 2)),
    lastRatio: LAST_RATIO,
  };
}
