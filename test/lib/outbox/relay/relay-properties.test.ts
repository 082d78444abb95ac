import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryResult } from '../../../../lib/outbox/relay/ports.ts';
import { eventRecord, setUp } from './relay-bench.ts';

const retryable: EntryResult = { status: 'retryable', failure: { code: 'ThrottlingException', message: '' } };
const misconfigured: EntryResult = {
  status: 'misconfigured',
  failure: { code: 'AccessDeniedException', message: '' },
};

/** Up to 60 events of up to five groups, in a stream order that keeps each group's. */
const batches = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 60 }).map((groups) => {
  const last = new Map<string, number>();
  return groups.map((group, index) => {
    const sequence = (last.get(group) ?? 0) + 1;
    last.set(group, sequence);
    return eventRecord(index + 1, group, sequence);
  });
});

/** A coin that comes up `true` with the given chance, out of a seeded stream of numbers. */
function createCoin(seed: number) {
  let state = seed >>> 0;
  return (chance: number): boolean => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 < chance;
  };
}

class CrashError extends Error {}

describe('relay under random failures', () => {
  it('keeps the marker of each event that the bus did not accept, and reports the first failed record or an earlier one', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.integer(), async (records, seed) => {
        const happens = createCoin(seed);
        const bench = setUp(records, {
          publisher: {
            fault: () => (happens(0.3) ? retryable : happens(0.1) ? misconfigured : undefined),
            refuse: () => (happens(0.05) ? { code: 'ValidationException', message: '' } : undefined),
          },
          markers: { unprocessed: (keys) => keys.filter(() => happens(0.2)) },
        });

        const { lowestFailed } = await bench.relay.run(records, 6_000);

        const accepted = new Set(bench.accepted());
        const pending = new Set(bench.markers.keys().map(({ group, sequence }) => `${group}-${sequence}`));
        for (const record of records) {
          if (record.kind !== 'event') continue;
          const settled = accepted.has(record.event.id) && !pending.has(record.event.id);
          const quarantined = bench.markers.noteOf(record.event) !== undefined;
          const comesAgain = lowestFailed !== undefined && Number(record.position) >= Number(lowestFailed);
          expect(accepted.has(record.event.id) || pending.has(record.event.id)).toBe(true);
          expect(settled || quarantined || comesAgain).toBe(true);
        }
      }),
    );
  });

  it('never sends an event of a group after an earlier event of the group failed', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.integer(), async (records, seed) => {
        const happens = createCoin(seed);
        const fates = new Map<string, boolean>();
        const bench = setUp(records, {
          publisher: {
            fault: ({ detail }) => {
              const fails = fates.get(detail) ?? happens(0.2);
              fates.set(detail, fails);
              return fails ? retryable : undefined;
            },
          },
        });

        await bench.relay.run(records, 6_000);

        const firstRequestOf = new Map<string, number>();
        for (const [request, ids] of bench.requested().entries()) {
          for (const id of ids) if (!firstRequestOf.has(id)) firstRequestOf.set(id, request);
        }
        const accepted = new Set(bench.accepted());
        for (const { group, sequence } of bench.markers.keys()) {
          const givenUp = firstRequestOf.get(`${group}-${sequence}`);
          if (givenUp === undefined) continue;
          for (let later = sequence + 1; later <= 60; later += 1) {
            const sent = firstRequestOf.get(`${group}-${later}`);
            if (accepted.has(`${group}-${later}`)) expect(sent).toBe(givenUp);
          }
        }
      }),
    );
  });

  it('publishes every event in the end if Lambda retries the stream after crashes at any call', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.integer(), async (records, seed) => {
        const happens = createCoin(seed);
        const crash = () => {
          if (happens(0.15)) throw new CrashError('the process died');
        };
        const bench = setUp(records, {
          publisher: {
            latency: async () => crash(),
            fault: () => {
              crash();
              return happens(0.2) ? retryable : undefined;
            },
          },
          markers: {
            fault: () => {
              crash();
              return undefined;
            },
          },
        });

        let rest = records;
        for (let invocation = 0; rest.length > 0; invocation += 1) {
          expect(invocation).toBeLessThan(10_000);
          try {
            const { lowestFailed } = await bench.relay.run(rest, 6_000);
            rest = rest.filter(
              ({ position }) => lowestFailed !== undefined && Number(position) >= Number(lowestFailed),
            );
          } catch (error) {
            expect(error).toBeInstanceOf(CrashError);
          }
          const accepted = new Set(bench.accepted());
          const pending = new Set(bench.markers.keys().map(({ group, sequence }) => `${group}-${sequence}`));
          for (const record of records) {
            if (record.kind === 'event')
              expect(accepted.has(record.event.id) || pending.has(record.event.id)).toBe(true);
          }
        }

        expect(bench.markers.keys()).toEqual([]);
        expect(new Set(bench.accepted()).size).toBe(records.length);
      }),
      { numRuns: 50 },
    );
  });
});
