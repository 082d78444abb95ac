import { createRandom } from '../../../../../local/seeded-random.ts';
import type { ExternalFault } from '../external-faults.ts';
import type { FeedName } from '../foreign-system.ts';

/** Trouble with what supplier B tells by webhook. */
export type TellingFault =
  /** It is told again. */
  | 'duplicate'
  /** What was told of the product before is told again, after it. */
  | 'older'
  /** It is not told at all. */
  | 'lost'
  /** It is told that the product has changed, and not how. */
  | 'bare';

export interface SupplierChaos {
  /** Trouble of the next request of a feed. @param isPage whether it reads a page */
  ofRequest(system: FeedName, isPage: boolean): ExternalFault | undefined;
  ofTelling(): TellingFault | undefined;
}

/** One request of so many is disturbed; a run of a sync takes some ten. */
const REQUEST_ONE_IN = 12;
const TELLING_ONE_IN = 3;

const MISHAPS: readonly ExternalFault[] = [
  { kind: 'error', status: 503 },
  { kind: 'error', status: 401 },
  { kind: 'throttle', retryAfterSeconds: 1 },
  { kind: 'throttle', retryAfterSeconds: 40 },
  { kind: 'hang' },
  { kind: 'reset', when: 'before' },
  { kind: 'malformed' },
];

const PAGE_MISHAPS: readonly ExternalFault[] = [
  { kind: 'truncate' },
  { kind: 'end-early' },
  { kind: 'move' },
  { kind: 'repeat' },
  { kind: 'drift' },
];

const TELLING_MISHAPS: readonly TellingFault[] = ['duplicate', 'older', 'lost', 'bare'];

/** Apart from the other systems' faults: with the same seed they stay the same ones. */
const SUPPLIERS_SEED = 0x5caff;

/** Faults of all kinds; the same ones in the same order for the same seed. */
export function planSupplierChaos(seed: number): SupplierChaos {
  const random = createRandom(seed ^ SUPPLIERS_SEED);
  const pick = <Value>(values: readonly Value[]): Value | undefined => values[Math.floor(random() * values.length)];
  return {
    ofRequest(_system, isPage) {
      if (random() * REQUEST_ONE_IN >= 1) return undefined;
      return pick(isPage ? [...MISHAPS, ...PAGE_MISHAPS] : MISHAPS);
    },
    ofTelling: () => (random() * TELLING_ONE_IN < 1 ? pick(TELLING_MISHAPS) : undefined),
  };
}

export const NO_SUPPLIER_CHAOS: SupplierChaos = { ofRequest: () => undefined, ofTelling: () => undefined };
