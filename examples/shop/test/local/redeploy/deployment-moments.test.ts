import { expect, it } from 'vitest';
import { drawMoments } from '../../../local/redeploy/deployment-moments.ts';

it('draws increasing deployment moments in the middle of the run, the same ones for the same seed', () => {
  const drawn = Array.from({ length: 50 }, (_, seed) => drawMoments(4, seed));

  for (const { ratios, lastRatio } of drawn) {
    expect(ratios).toStrictEqual(ratios.toSorted((one, other) => one - other));
    expect([(ratios[0] ?? 0) >= 0.08, (ratios[3] ?? 1) < lastRatio, lastRatio]).toStrictEqual([true, true, 0.9]);
  }
  expect(drawMoments(4, 7)).toStrictEqual(drawMoments(4, 7));
  expect(new Set(drawn.map(({ ratios }) => ratios.join())).size).toBe(50);
});
