import fc from 'fast-check';
import type { Claim } from '../../lib/definitions/index.ts';
import { FAULT_KINDS, type FaultKind, type FaultPlan } from './fault-kinds.ts';
import type { ConsumerPlan, EventPlan, OperationPlan, RequestPlan, Schedule, Temper } from './schedule.ts';

/** What schedules are made of, where a planted fault shows too rarely among everything. */
export interface Ingredients {
  /** What is injected. @default - everything */
  readonly kinds?: readonly FaultKind[];
  /** How half of the events fare; the others are good. @default - any way, and most are good */
  readonly tempers?: readonly Temper['kind'][];
  /** What people do. @default - everything */
  readonly operations?: readonly OperationPlan['kind'][];
  /** Requests that commit events. @default 5, among deployments 4 */
  readonly mostRequests?: number;
  /** How consumers claim events. @default - either way, and deployments change it */
  readonly claims?: readonly Claim[];
  /** Whether there is one consumer, which is `strict`. @default false */
  readonly strictOnly?: boolean;
}

/** Short times are likelier, and what happens at once meets. */
const instant = (mostMs: number) => fc.nat({ max: 40 }).map((root) => Math.floor((root * root * mostMs) / 1600));

const temper: fc.Arbitrary<Temper> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Temper>({ kind: 'good' }) },
  { weight: 2, arbitrary: fc.constant<Temper>({ kind: 'slow' }) },
  { weight: 1, arbitrary: fc.constant<Temper>({ kind: 'publishes' }) },
  {
    weight: 3,
    arbitrary: fc.record<Temper & { kind: 'fails' | 'kills'; times: number }>({
      kind: fc.constantFrom('fails', 'kills'),
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    // more often than any message may be received
    weight: 2,
    arbitrary: fc.record<Temper & { kind: 'defers' }>({
      kind: fc.constant('defers'),
      times: fc.integer({ min: 1, max: 14 }),
      thenFails: fc.boolean(),
    }),
  },
  {
    // as often as a handler runs again at once
    weight: 1,
    arbitrary: fc.record<Temper & { kind: 'loses races' }>({
      kind: fc.constant('loses races'),
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('fails', 'kills', 'permanent'),
      times: fc.constantFrom('until redriven', 'for good'),
    }),
  },
);

const temperAmong = (kinds: Ingredients['tempers']): fc.Arbitrary<Temper> =>
  kinds === undefined
    ? temper
    : fc.oneof(
        fc.constant<Temper>({ kind: 'good' }),
        kinds.length === 0 ? fc.constant<Temper>({ kind: 'good' }) : temper.filter(({ kind }) => kinds.includes(kind)),
      );

const eventAmong = (tempers: Ingredients['tempers']): fc.Arbitrary<EventPlan> =>
  fc.record({
    type: fc.constantFrom('common', 'common', 'rare'),
    temper: temperAmong(tempers),
    everywhere: fc.boolean(),
  });

const requestAmong = (tempers: Ingredients['tempers']): fc.Arbitrary<RequestPlan> =>
  fc.record({
    atMs: instant(60_000),
    group: fc.constantFrom('a', 'a', 'a', 'b', 'versioned', 'alone'),
    events: fc.array(eventAmong(tempers), { minLength: 1, maxLength: 3 }),
  });

const consumer: fc.Arbitrary<ConsumerPlan> = fc.record({
  ordering: fc.constantFrom('strict', 'strict', 'fifo'),
  takes: fc.constantFrom('all', 'all', 'some'),
  queueGroups: fc.constantFrom('by group', 'by group', 'by group', 'apart'),
  deployedAtMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: instant(60_000) }),
  startFrom: fc.constantFrom('horizon', 'deployment'),
  batchSize: fc.constantFrom(1, 3, 10),
  maxReceiveCount: fc.integer({ min: 2, max: 6 }),
  visibilityTimeoutSeconds: fc.constantFrom(18, 18, 4),
  groupLock: fc.constantFrom('behind', 'group'),
  claim: fc.constantFrom('commit', 'commit', 'before'),
  reclaimedAtMs: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: instant(60_000) }),
});

const OPERATIONS = [
  ...(['redrive', 'redrive', 'purge', 'skip', 'resend', 'sweep', 'expire', 'trim', 'pause', 'pause'] as const),
] as const;

const operationAmong = (kinds: readonly OperationPlan['kind'][] = OPERATIONS): fc.Arbitrary<OperationPlan> =>
  fc.record({
    atMs: instant(240_000),
    kind: fc.constantFrom(...kinds),
    consumer: fc.nat({ max: 2 }),
    group: fc.nat({ max: 3 }),
  });

const operationsAmong = (kinds: Ingredients['operations'], maxLength: number) =>
  kinds?.length === 0 ? fc.constant([]) : fc.array(operationAmong(kinds), { maxLength });

/** Ahead of the code, behind it, or with it. */
const ruleAfterMs = fc.oneof(fc.integer({ min: -20_000, max: 20_000 }), fc.constant(0));

const deployingConsumer = (strictOnly: boolean): fc.Arbitrary<ConsumerPlan> =>
  fc
    .record({
      plan: consumer,
      ordering: fc.constantFrom<ConsumerPlan['ordering']>('strict', 'strict', 'strict', strictOnly ? 'strict' : 'fifo'),
      atMs: instant(60_000),
      adds: fc.boolean(),
      ruleAfterMs,
    })
    .map(({ plan, ordering, atMs, adds, ruleAfterMs: after }) => ({
      ...plan,
      ordering,
      deployedAtMs: 0,
      takes: adds ? 'some' : 'all',
      update: { atMs, takes: adds ? 'all' : 'some', ruleAfterMs: after },
    }));

const requestAmongDeployments = (tempers: Ingredients['tempers']): fc.Arbitrary<RequestPlan> =>
  fc.record({
    atMs: instant(60_000),
    group: fc.constantFrom('a', 'a', 'a', 'versioned', 'alone'),
    events: fc.array(
      fc.record({
        type: fc.constantFrom<EventPlan['type']>('common', 'common', 'rare', 'rare', 'twin'),
        temper: temperAmong(tempers),
        everywhere: fc.boolean(),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  });

/** Round times, and those just after a message has become visible again: there executions meet. */
const delayMs = fc.oneof(
  fc.constantFrom(300, 2_000, 20_000, 60_000, 400_000),
  fc.integer({ min: 3_900, max: 4_500 }),
  fc.integer({ min: 17_900, max: 18_500 }),
);

const faultOf = (kinds: readonly FaultKind[]): fc.Arbitrary<FaultPlan> =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    step: fc.nat({ max: 24 }).map((root) => root * root),
    ms: delayMs,
  });

/** Few kinds in one schedule: what it takes several of a kind to show would else be rare. */
const faultsOf = (kinds: readonly FaultKind[]) =>
  fc
    .subarray([...kinds], { minLength: 1, maxLength: Math.min(kinds.length, 5) })
    .chain((some) => fc.array(faultOf(some), { maxLength: 12 }));

/** A consumer that claims events in one of these ways, and changes it in a deployment if there are several. */
const claiming = (claims: readonly Claim[]): fc.Arbitrary<ConsumerPlan> =>
  fc
    .tuple(consumer, fc.constantFrom(...claims), instant(60_000))
    .map(([plan, claim, atMs]) => ({ ...plan, claim, reclaimedAtMs: claims.length > 1 ? atMs : undefined }));

const consumersOf = (strictOnly: boolean, claims: Ingredients['claims']): fc.Arbitrary<readonly ConsumerPlan[]> => {
  const any = claims === undefined ? consumer : claiming(claims);
  return strictOnly
    ? fc.tuple(any.map((plan) => ({ ...plan, ordering: 'strict' as const })))
    : fc.array(any, { minLength: 1, maxLength: 2 });
};

const withTrouble = (
  { tempers, mostRequests = 5, strictOnly = false, claims }: Ingredients,
  faults: fc.Arbitrary<readonly FaultPlan[]>,
  operations: fc.Arbitrary<readonly OperationPlan[]>,
): fc.Arbitrary<Schedule> =>
  fc.record({
    timing: fc.nat(),
    consumers: consumersOf(strictOnly, claims),
    requests: fc.array(requestAmong(tempers), { minLength: 1, maxLength: mostRequests }),
    operations,
    faults,
  });

const amongDeployments = ({
  kinds = FAULT_KINDS,
  tempers,
  operations,
  mostRequests = 4,
  strictOnly = false,
}: Ingredients): fc.Arbitrary<Schedule> =>
  fc.record({
    timing: fc.nat(),
    consumers: fc.array(deployingConsumer(strictOnly), { minLength: 1, maxLength: 1 }),
    requests: fc.array(requestAmongDeployments(tempers), { minLength: 1, maxLength: mostRequests }),
    operations: operationsAmong(operations, 2),
    faults: kinds.length === 0 ? fc.constant([]) : fc.oneof(fc.constant([]), faultsOf(kinds)),
  });

/**
 * Small, since a fault that shows at all shows in small runs, and many small ones meet more than few large ones.
 * @param deployments whether consumers take other types after a while: in some of the schedules, in all, or in none
 */
export const anySchedule = (
  ingredients: Ingredients = {},
  deployments: 'some' | 'only' | 'none' = 'some',
): fc.Arbitrary<Schedule> => {
  const { kinds = FAULT_KINDS, operations } = ingredients;
  if (deployments === 'only') return amongDeployments(ingredients);
  if (deployments === 'some') {
    return fc.oneof(
      { weight: 12, arbitrary: anySchedule(ingredients, 'none') },
      { weight: 1, arbitrary: amongDeployments(ingredients) },
    );
  }
  // all trouble is the handlers' own: then more can be asked
  const undisturbed = withTrouble(ingredients, fc.constant([]), fc.constant([]));
  if (kinds.length === 0) return undisturbed;
  return fc.oneof(
    { weight: 5, arbitrary: withTrouble(ingredients, faultsOf(kinds), operationsAmong(operations, 4)) },
    { weight: 1, arbitrary: undisturbed },
  );
};
