import fc from 'fast-check';

export const SKUS = ['1', '2', '3', '4', '5'] as const;

/** One step of a schedule. */
export type Step =
  /** The provider changes a row; its time is so many seconds past, and the lag is 120. */
  | { readonly act: 'provider edits'; readonly sku: string; readonly lateSeconds: number; readonly net: number }
  /** The same time as that of another row, or of the row itself. */
  | { readonly act: 'provider edits in a tie'; readonly sku: string; readonly net: number }
  | { readonly act: 'provider deletes'; readonly sku: string }
  /** The service changes the entity, or creates it. */
  | { readonly act: 'service edits'; readonly sku: string; readonly net: number }
  | { readonly act: 'service deletes'; readonly sku: string }
  /** A webhook with the row as it is, as it was so many edits ago, or without a row. */
  | { readonly act: 'webhook'; readonly sku: string; readonly back: number; readonly isBare: boolean }
  | { readonly act: 'request'; readonly mode: 'increment' | 'reconcile' | 'backfill' }
  | { readonly act: 'deliver'; readonly turn: number }
  /** The process ends at a commit: before it, or after it was applied. */
  | { readonly act: 'crash'; readonly turn: number; readonly commits: number; readonly isAfter: boolean }
  /** Two executions of one event at a time, the first one frozen in the middle of a page. */
  | { readonly act: 'overlap'; readonly turn: number; readonly frozenSeconds: number }
  /** The provider moves rows between two pages: the next page is read after an edit. */
  | { readonly act: 'page moves'; readonly turn: number; readonly sku: string; readonly net: number }
  | { readonly act: 'source fails'; readonly isThrottled: boolean }
  | { readonly act: 'writer fails'; readonly isThrottled: boolean }
  | { readonly act: 'answer is lost' }
  | { readonly act: 'advance'; readonly seconds: number };

export interface Schedule {
  readonly pageSize: number;
  /** Whether the writer compares and returns versions. */
  readonly hasVersions: boolean;
  /** Who owns the price. */
  readonly owner: 'local' | 'supplier' | undefined;
  readonly steps: readonly Step[];
}

const skus = fc.constantFrom(...SKUS);
const net = fc.nat(3);
const turn = fc.nat(5);
const step = <Act extends Step['act']>(act: Act, weight: number, more: object) => ({
  weight,
  arbitrary: fc.record({ act: fc.constant(act), ...more }) as unknown as fc.Arbitrary<Step>,
});

const inbound = [
  step('provider edits', 6, { sku: skus, lateSeconds: fc.nat(119), net }),
  step('provider edits in a tie', 2, { sku: skus, net }),
  step('provider deletes', 2, { sku: skus }),
  step('webhook', 3, { sku: skus, back: fc.nat(2), isBare: fc.boolean() }),
  step('request', 4, { mode: fc.constantFrom('increment', 'increment', 'reconcile', 'backfill') }),
  step('deliver', 6, { turn }),
  step('crash', 4, { turn, commits: fc.nat(7), isAfter: fc.boolean() }),
  step('overlap', 2, { turn, frozenSeconds: fc.constantFrom(10, 100) }),
  step('page moves', 1, { turn, sku: skus, net }),
  step('source fails', 1, { isThrottled: fc.boolean() }),
  step('advance', 3, { seconds: fc.constantFrom(1, 60, 400, 2000) }),
];

const outbound = [
  step('service edits', 5, { sku: skus, net }),
  step('service deletes', 1, { sku: skus }),
  step('writer fails', 1, { isThrottled: fc.boolean() }),
  step('answer is lost', 2, {}),
];

const schedule = (steps: fc.Arbitrary<Step>): fc.Arbitrary<Schedule> =>
  fc.record({
    pageSize: fc.integer({ min: 1, max: 3 }),
    hasVersions: fc.boolean(),
    owner: fc.constantFrom('local' as const, 'supplier' as const, undefined),
    steps: fc.array(steps, { maxLength: 40, size: 'max' }),
  });

/** Half of the schedules only read. */
export const anySyncSchedule: fc.Arbitrary<Schedule> = fc.oneof(
  schedule(fc.oneof(...inbound)),
  schedule(fc.oneof(...inbound, ...outbound)),
);
