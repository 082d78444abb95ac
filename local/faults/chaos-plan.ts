import { createDice } from './dice.ts';
import type { FaultFilter, FaultPlan, FaultRule } from './fault-plan.ts';

/** What functions and their mappings call all the time, and what is repeated when it fails. */
const CALLS = [
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:Query',
  'dynamodb:BatchGetItem',
  'dynamodb:TransactWriteItems',
  'dynamodb:BatchWriteItem',
  'dynamodb:GetRecords',
  'sqs:ReceiveMessage',
  'sqs:SendMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessageBatch',
  'events:PutEvents',
] as const;

const BY_THE_USER: FaultFilter = { operations: ['lambda:Invoke'], callers: ['user'] };

/** Past the five minutes in which a FIFO queue drops what it had before. */
const PAST_DEDUPLICATION_MS = 400_000;

/** Enough to disturb every part; more would only make a long run longer, since clients wait before they try again. */
const MOST_FAULTS = 2_000;

/** By how much the seed makes a kind rarer (above 1) or more frequent. */
const WEIGHTS = [0.5, 0.75, 1, 1.5, 2] as const;

/**
 * A mixture of everything, under which a correct system loses nothing and ends up settled. Every seed has all kinds,
 * each with a weight of its own. No message is disturbed more than twice, nor on its last two receives, so that the plan
 * makes no dead letter; invocations that nobody repeats are not killed, and no call of theirs fails more often than the
 * SDK tries it.
 */
export function chaosPlan(seed: number): FaultPlan {
  const dice = createDice(seed);
  const oneIn = (base: number, what: string) => {
    const weight = WEIGHTS[dice.choose(`weight of ${what}`, WEIGHTS.length)] ?? 1;
    return Math.round(base * weight);
  };
  const rules: readonly FaultRule[] = [
    { kind: 'throttle', oneIn: oneIn(24, 'throttle'), only: { operations: CALLS } },
    { kind: 'throttle', oneIn: oneIn(16, 'throttled invoke'), only: BY_THE_USER },
    { kind: 'partial-failure', oneIn: oneIn(6, 'partial-failure') },
    { kind: 'lost-response', oneIn: oneIn(24, 'lost-response'), only: { operations: CALLS } },
    { kind: 'lost-response', oneIn: oneIn(16, 'lost invoke'), only: BY_THE_USER },
    { kind: 'slow-call', oneIn: oneIn(20, 'slow-call'), longestMs: 150, only: { operations: CALLS } },
    { kind: 'duplicate-delivery', oneIn: oneIn(16, 'duplicate-delivery'), longestMs: PAST_DEDUPLICATION_MS },
    {
      kind: 'delayed-delivery',
      oneIn: oneIn(16, 'delayed-delivery'),
      longestMs: 3_000,
      withinGroup: true,
    },
    {
      kind: 'reordered-delivery',
      oneIn: oneIn(12, 'reordered-delivery'),
      longestMs: 1_000,
      withinGroup: true,
    },
    { kind: 'killed-worker', oneIn: oneIn(8, 'killed-worker') },
    { kind: 'frozen-worker', oneIn: oneIn(14, 'frozen-worker'), longestMs: 10_000 },
  ];
  return { seed, most: MOST_FAULTS, rules };
}
