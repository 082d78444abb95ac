import { parseEvent } from '../event/index.ts';
import type { EpochMs } from '../shared/time.ts';
import { HarnessUseError, NoEndError } from './errors.ts';
import type { CommittedEvent, StepOutcome } from './outcome.ts';
import { createRandom, type Random } from './seeded-random.ts';
import type { ServedConsumer } from './served-consumer.ts';
import type { Stage } from './stage.ts';
import type { TimerService } from './timer-service.ts';
import type { CrashPoint } from './watched-store.ts';

export interface RunOptions {
  /** Seed of the order of deliveries, and of the choice of duplicates and crashes. @default 1 */
  readonly seed?: number;
  /** The share of events that a consumer receives twice, 0 to 1. @default 0 */
  readonly duplicates?: number;
  /** The share of deliveries in which the process crashes, before or after its commit, 0 to 1. @default 0 */
  readonly crashes?: number;
  /** Number of concurrent deliveries, whose transactions may conflict. @default 1 */
  readonly concurrency?: number;
  /** Whether the clock also moves to the next saga timer when nothing else is in progress. @default false */
  readonly untilTimers?: boolean;
  /** Number of deliveries after which the run stops; the next run continues. @default - runs to the end */
  readonly stopAfter?: number;
  /** @default DEFAULT_MAX_DELIVERIES */
  readonly maxDeliveries?: number;
}

/** An event that became a dead letter. */
export interface DeadLetterOfRun {
  readonly consumer: string;
  readonly event: CommittedEvent;
  /** Undefined if the process crashed each time, so that no failure was recorded. */
  readonly code: string | undefined;
  readonly message: string | undefined;
}

export interface RunSummary {
  /** All deliveries, in the order in which they ended. */
  readonly steps: readonly (StepOutcome & { readonly consumer: string })[];
  readonly deadLetters: readonly DeadLetterOfRun[];
}

/** Enough for some hundred choreographies. */
export const DEFAULT_MAX_DELIVERIES = 10_000;

/**
 * Delivers events until none is in progress: in order within a group of a queue, otherwise in an order that depends on
 * the seed. If all remaining messages are invisible, the clock moves to the time at which the next one becomes visible.
 * @param route sends newly committed events to the queues, `copies()` times each
 */
export async function runToEnd(
  { clock }: Stage,
  { publishDue, nextDueAt }: Pick<TimerService, 'publishDue' | 'nextDueAt'>,
  consumers: readonly ServedConsumer[],
  route: (copies: () => number) => void,
  options: RunOptions,
): Promise<RunSummary> {
  const { seed = 1, duplicates = 0, crashes = 0, concurrency = 1 } = options;
  const { untilTimers = false, stopAfter = Number.POSITIVE_INFINITY, maxDeliveries = DEFAULT_MAX_DELIVERIES } = options;
  assertRun(options);
  const random = createRandom(seed);
  const deadBefore = new Map(consumers.map((consumer) => [consumer, consumer.queue.deadLetters().length]));
  const steps: RunSummary['steps'][number][] = [];
  let deliveries = 0;

  const deliver = async ({ consumer, messageId }: Turn) => {
    const event = parseEvent(consumer.queue.bodyOf(messageId));
    const outcome = await consumer.deliver(messageId, event, random() < crashes ? crashPoint(random) : undefined);
    if (outcome !== undefined) steps.push({ ...outcome, consumer: consumer.subscription.name });
  };

  while (deliveries < stopAfter) {
    await publishDue();
    route(() => (random() < duplicates ? 2 : 1));
    const turns = shuffled(turnsOf(consumers), random).slice(0, concurrency);
    if (turns.length === 0) {
      const next = nextVisibleAt(consumers) ?? (untilTimers ? nextDueAt() : undefined);
      if (next === undefined) break;
      clock.advanceTo(next);
      continue;
    }
    if (deliveries >= maxDeliveries) throw new NoEndError(deliveries, typesUnderWay(consumers));
    deliveries += turns.length;
    await Promise.all(turns.map(deliver));
  }
  const lost = consumers.flatMap((consumer) => {
    const bodies = consumer.queue.deadLetters().slice(deadBefore.get(consumer));
    return bodies.map((body) => deadLetterOf(consumer, parseEvent(body)));
  });
  return { steps, deadLetters: await Promise.all(lost) };
}

/** @throws HarnessUseError `TESTING_MISUSED` naming every invalid option */
function assertRun({ duplicates, crashes, concurrency, stopAfter, maxDeliveries }: RunOptions): void {
  const share = (name: string, value = 0) =>
    value >= 0 && value <= 1 ? [] : [`${name} must be a share from 0 to 1, got ${value}`];
  const count = (name: string, value: number | undefined, min: number) =>
    value === undefined || (value >= min && (Number.isInteger(value) || value === Number.POSITIVE_INFINITY))
      ? []
      : [`${name} must be a whole number from ${min}, got ${value}`];
  const problems = [
    ...share('duplicates', duplicates),
    ...share('crashes', crashes),
    ...count('concurrency', concurrency, 1),
    ...count('stopAfter', stopAfter, 0),
    ...count('maxDeliveries', maxDeliveries, 1),
  ];
  if (problems.length > 0) throw new HarnessUseError(problems.join('; '));
}

interface Turn {
  readonly consumer: ServedConsumer;
  readonly messageId: string;
}

const turnsOf = (consumers: readonly ServedConsumer[]): readonly Turn[] =>
  consumers.flatMap((consumer) => consumer.queue.ready().map((messageId) => ({ consumer, messageId })));

const shuffled = <Value>(values: readonly Value[], random: Random): readonly Value[] =>
  values
    .map((value) => ({ value, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ value }) => value);

const crashPoint = (random: Random): CrashPoint => (random() < 0.5 ? 'before-commit' : 'after-commit');

const nextVisibleAt = (consumers: readonly ServedConsumer[]): EpochMs | undefined =>
  consumers
    .flatMap(({ queue }) => queue.nextVisibleAt() ?? [])
    .toSorted((a, b) => a - b)
    .at(0);

const typesUnderWay = (consumers: readonly ServedConsumer[]): readonly string[] => [
  ...new Set(turnsOf(consumers).map(({ consumer, messageId }) => parseEvent(consumer.queue.bodyOf(messageId)).type)),
];

async function deadLetterOf(consumer: ServedConsumer, event: CommittedEvent): Promise<DeadLetterOfRun> {
  const note = await consumer.noteOf(event.id);
  return { consumer: consumer.subscription.name, event, code: note?.code, message: note?.message };
}
