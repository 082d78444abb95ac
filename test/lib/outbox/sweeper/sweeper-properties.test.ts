import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryResult } from '../../../../lib/outbox/relay/ports.ts';
import { pendingEvent, setUp } from './sweeper-bench.ts';

const retryable: EntryResult = { status: 'retryable', failure: { code: 'ThrottlingException', message: '' } };

/** Up to 60 markers of up to four groups, their sequences with holes, their ages as clocks would have it. */
const pendingEvents = fc
  .array(
    fc.record({
      group: fc.constantFrom('a', 'b', 'c', 'd'),
      sequence: fc.integer({ min: 1, max: 40 }),
      ageMs: fc.integer({ min: 100_000, max: 200_000 }),
    }),
    { maxLength: 60 },
  )
  .map((keys) => {
    const byId = new Map(
      keys.map(({ group, sequence, ageMs }) => [`${group}-${sequence}`, { group, sequence, ageMs }]),
    );
    return [...byId.values()].map(({ group, sequence, ageMs }) => pendingEvent(group, sequence, ageMs));
  });

// calls fail as a whole here: of one call whose entries fail one by one, later events may go ahead, as with the relay
describe('sweeper with random markers', () => {
  it('sends no event before an earlier pending one of its group, and loses none, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        pendingEvents,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 2, max: 9 }),
        async (...given) => {
          const [events, maxEvents, failing] = given;
          const bench = setUp(events, {
            maxEvents,
            publisher: { fault: (_entry, request) => (request % failing === 0 ? retryable : undefined) },
            unprocessed: (_key, request) => request % failing === 0,
          });

          for (let run = 0; run < 5; run += 1) {
            const pendingBefore = bench.markers.keys();
            const acceptedBefore = bench.accepted().length;
            await bench.sweeper.run(4_000);

            const sent = bench.accepted().slice(acceptedBefore);
            const left = bench.markers.keys().map(({ group, sequence }) => `${group}-${sequence}`);
            for (const { group, sequence } of pendingBefore) {
              const id = `${group}-${sequence}`;
              const isSent = sent.includes(id);
              expect(isSent).toBe(!left.includes(id));
              const earlier = pendingBefore.filter((key) => key.group === group && key.sequence < sequence);
              if (!isSent) continue;
              for (const key of earlier) {
                const place = sent.indexOf(`${key.group}-${key.sequence}`);
                expect(place).toBeGreaterThanOrEqual(0);
                expect(place).toBeLessThan(sent.indexOf(id));
              }
            }
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
