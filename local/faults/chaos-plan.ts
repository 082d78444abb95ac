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
  'ssm:GetParameter',
] as const;

const BY_THE_USER: FaultFilter = { operations: ['lambda:Invoke'], callers: ['user'] };

/** Past the five minutes in which a FIFO queue drops what it had before. */
const PAST_DEDUPLICATION_MS = 400_000;

/**
 * The bus may try for a day; a run passes the time between in steps, with everything that is scheduled in it, so that a day
 * takes it minutes. This is past every time-out, deduplication window and timer of the shop.
 */
const LONGEST_DELIVERY_MS = 20 * 60 * 1000;

/**
 * Enough to disturb every part; more would only make a long run longer, since clients wait before they try again. All rules
 * together come to it, so that none takes what belongs to another.
 */
const MOST_FAULTS = 6_000;

/** Replicas and indexes of DynamoDB are behind by less than this, but for rare cases. */
const LONGEST_LAG_MS = 1_000;
const TWO_DAYS_MS = 48 * 60 * 60 * 1000;
/** A schedule fires within its minute. @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
const WITHIN_THE_MINUTE_MS = 59_999;

/** Every rule has a limit, so that frequent kinds leave room for those whose time comes late in a run. */
const MOST_OF_CALLS = 350;
const MOST_OF_A_KIND = 120;
/** They cost nothing: whatever a run leaves behind expires at once. */
const MOST_OF_EXPIRY = 600;

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
    return Math.max(1, Math.round(base * weight));
  };
  const rules: readonly FaultRule[] = [
    { kind: 'throttle', oneIn: oneIn(24, 'throttle'), only: { operations: CALLS }, most: MOST_OF_CALLS },
    { kind: 'throttle', oneIn: oneIn(16, 'throttled invoke'), only: BY_THE_USER, most: MOST_OF_A_KIND },
    { kind: 'partial-failure', oneIn: oneIn(6, 'partial-failure'), most: MOST_OF_CALLS },
    { kind: 'lost-response', oneIn: oneIn(24, 'lost-response'), only: { operations: CALLS }, most: MOST_OF_CALLS },
    { kind: 'lost-response', oneIn: oneIn(16, 'lost invoke'), only: BY_THE_USER, most: MOST_OF_A_KIND },
    {
      kind: 'slow-call',
      oneIn: oneIn(20, 'slow-call'),
      longestMs: 150,
      only: { operations: CALLS },
      most: MOST_OF_CALLS,
    },
    {
      kind: 'duplicate-delivery',
      oneIn: oneIn(16, 'duplicate-delivery'),
      longestMs: PAST_DEDUPLICATION_MS,
      most: MOST_OF_A_KIND,
    },
    {
      kind: 'delayed-delivery',
      oneIn: oneIn(16, 'delayed-delivery'),
      longestMs: 3_000,
      withinGroup: true,
      most: MOST_OF_A_KIND,
    },
    {
      kind: 'reordered-delivery',
      oneIn: oneIn(12, 'reordered-delivery'),
      longestMs: 1_000,
      withinGroup: true,
      most: MOST_OF_A_KIND,
    },
    { kind: 'killed-worker', oneIn: oneIn(8, 'killed-worker'), most: MOST_OF_A_KIND },
    { kind: 'frozen-worker', oneIn: oneIn(14, 'frozen-worker'), longestMs: 10_000, most: MOST_OF_A_KIND },
    { kind: 'stale-read', oneIn: oneIn(1, 'stale-read'), longestMs: LONGEST_LAG_MS, most: MOST_OF_A_KIND },
    {
      kind: 'partial-transaction-view',
      oneIn: oneIn(3, 'partial-transaction-view'),
      longestMs: 400,
      most: MOST_OF_A_KIND,
    },
    { kind: 'partial-reasons', oneIn: oneIn(1, 'partial-reasons'), most: MOST_OF_A_KIND },
    { kind: 'transaction-conflict', oneIn: oneIn(24, 'transaction-conflict'), most: MOST_OF_A_KIND },
    { kind: 'hot-partition', oneIn: oneIn(60, 'hot-partition'), longestMs: 1_000, most: MOST_OF_A_KIND },
    { kind: 'table-throttle', oneIn: oneIn(1, 'table-throttle'), longestMs: 5_000, most: MOST_OF_A_KIND },
    { kind: 'unprocessed-keys', oneIn: oneIn(8, 'unprocessed-keys'), most: MOST_OF_A_KIND },
    { kind: 'late-expiry', oneIn: oneIn(4, 'late-expiry'), longestMs: TWO_DAYS_MS, most: MOST_OF_EXPIRY },
    { kind: 'shard-split', oneIn: oneIn(50, 'shard-split'), most: 40 },
    { kind: 'repeated-records', oneIn: oneIn(12, 'repeated-records'), most: MOST_OF_A_KIND },
    {
      kind: 'inexact-schedule',
      oneIn: oneIn(2, 'inexact-schedule'),
      longestMs: WITHIN_THE_MINUTE_MS,
      most: MOST_OF_A_KIND,
    },
    { kind: 'late-schedule', oneIn: oneIn(6, 'late-schedule'), longestMs: 600_000, most: MOST_OF_A_KIND },
    { kind: 'duplicate-schedule', oneIn: oneIn(6, 'duplicate-schedule'), longestMs: 60_000, most: MOST_OF_A_KIND },
    { kind: 'replaced-environment', oneIn: oneIn(14, 'replaced-environment'), most: MOST_OF_A_KIND },
    {
      kind: 'throttled-function',
      oneIn: oneIn(60, 'throttled-function'),
      longestMs: 15_000,
      most: MOST_OF_A_KIND,
    },
    { kind: 'early-visibility', oneIn: oneIn(14, 'early-visibility'), longestMs: 1_500, most: MOST_OF_A_KIND },
    { kind: 'repeated-receive', oneIn: oneIn(12, 'repeated-receive'), most: MOST_OF_A_KIND },
    {
      kind: 'repeated-message',
      oneIn: oneIn(4, 'repeated-message'),
      longestMs: PAST_DEDUPLICATION_MS,
      most: MOST_OF_A_KIND,
    },
    { kind: 'held-back-message', oneIn: oneIn(4, 'held-back-message'), longestMs: 3_000, most: MOST_OF_A_KIND },
    { kind: 'lagging-counts', oneIn: oneIn(4, 'lagging-counts'), longestMs: 60_000, most: MOST_OF_A_KIND },
    { kind: 'throttled-target', oneIn: oneIn(20, 'throttled-target'), most: MOST_OF_A_KIND },
    {
      kind: 'missing-permission',
      oneIn: oneIn(120, 'missing-permission'),
      longestMs: 1_500,
      most: 60,
    },
    {
      kind: 'late-delivery',
      oneIn: oneIn(120, 'late-delivery'),
      longestMs: LONGEST_DELIVERY_MS,
      withinGroup: true,
      most: MOST_OF_A_KIND,
    },
  ];
  return { seed, most: MOST_FAULTS, rules };
}
