import type { Random } from '../lib/testing/seeded-random.ts';

export { createRandom, type Random } from '../lib/testing/seeded-random.ts';

/** Ids in the form of a random UUID (version 4). */
export function createUuids(random: Random): () => string {
  return () =>
    'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) => {
      const digit = Math.floor(random() * 16);
      return (place === 'x' ? digit : (digit & 0x3) | 0x8).toString(16);
    });
}
