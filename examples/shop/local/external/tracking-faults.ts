import { createRandom } from '../../../../local/seeded-random.ts';

/** Trouble that a carrier makes when it tells of a parcel. */
export type TrackingFault =
  /** It sends a message again that was accepted. */
  | 'duplicate'
  /** It sends the next message first. */
  | 'reorder'
  /** The answer is lost: it sends the message again. */
  | 'lost-answer'
  /** Somebody else sends a message with a secret of their own, under an id of their own. */
  | 'forge'
  /** Somebody sends what the carrier signed with another content. */
  | 'tamper'
  /** The secret is rotated before the message is sent. */
  | 'rotate'
  /** Somebody signs with a secret that was retired. */
  | 'retired-secret';

export type TrackingFaultPlan = () => TrackingFault | undefined;

/** One message of so many is disturbed. */
const ONE_IN = 4;

const FAULTS: readonly TrackingFault[] = [
  'duplicate',
  'duplicate',
  'reorder',
  'reorder',
  'lost-answer',
  'lost-answer',
  'forge',
  'tamper',
  'retired-secret',
  'rotate',
];

/** Faults of all kinds; the same ones in the same order for the same seed. */
export function planTrackingChaos(seed: number): TrackingFaultPlan {
  const random = createRandom(seed);
  return () => (random() * ONE_IN < 1 ? FAULTS[Math.floor(random() * FAULTS.length)] : undefined);
}
