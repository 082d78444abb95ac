import type { Scope } from './scope.ts';

const FOUR = { events: 4, batchSize: 4, maxReceiveCount: 5 } as const;
const FEW = { events: 2, batchSize: 2, maxReceiveCount: 5 } as const;
const UNTIL_REDRIVEN = { how: 'fails', times: 'until redriven' } as const;

/** What the default run explores: every kind of trouble once, each scope within seconds of processor time. */
export const SCOPES: Readonly<Record<string, Scope>> = {
  order: {
    ...FOUR,
    about: 'four events that the bus delivers in any order, two executions',
    reordered: true,
  },
  hole: {
    ...FEW,
    events: 3,
    about: 'three events in any order, and a place that the log does not show for a while',
    reordered: true,
    hole: 2,
    maxReceiveCount: 2,
  },
  overlap: {
    ...FEW,
    events: 3,
    about: 'two executions that have the same message: its visibility ends while the first one works',
    earlyReturns: 1,
  },
  duplicate: {
    ...FOUR,
    about: 'an event that the bus delivers twice',
    duplicates: 1,
  },
  crashes: {
    ...FEW,
    about: 'two processes that end between two calls, whichever',
    crashes: 2,
  },
  'lost-answer': {
    ...FEW,
    events: 3,
    about: 'a request or an answer that is lost, of a commit, a claim, a cursor, a message or a deletion',
    lostAnswers: 1,
  },
  'stale-read': {
    ...FEW,
    about: 'a read without ConsistentRead that shows the state before the last write; an event comes twice',
    staleReads: 1,
    duplicates: 1,
  },
  'dead-letter': {
    ...FOUR,
    about: 'four events, of which the second becomes a dead letter and is redriven',
    maxReceiveCount: 2,
    failing: { sequence: 2, ...UNTIL_REDRIVEN },
    redrives: 1,
  },
  skip: {
    ...FEW,
    events: 3,
    about: 'a dead letter that an operator steps over, and that is redriven all the same',
    maxReceiveCount: 2,
    failing: { sequence: 2, how: 'fails', times: 'for good' },
    skips: true,
    redrives: 1,
  },
  deployment: {
    ...FOUR,
    events: 3,
    about: 'a deployment: the old code does not take the type of the second event, the new code does',
    addedTypes: [2],
  },
  'claims-with-the-commit': {
    ...FEW,
    about:
      'a deployment: the old code claims an event before its handler, the new code with the commit; two have the same message',
    claims: { old: 'before', new: 'commit' },
    earlyReturns: 1,
  },
  'claims-before-the-handler': {
    ...FEW,
    about: 'the deployment that takes that back; two have the same message',
    claims: { old: 'commit', new: 'before' },
    earlyReturns: 1,
  },
  'deployment-beside-a-wait': {
    ...FEW,
    about: 'a deployment that adds the type of the second event, while its group waits for the first',
    reordered: true,
    maxReceiveCount: 3,
    addedTypes: [2],
    failing: { sequence: 1, how: 'defers', times: 1 },
  },
  'carried-failure': {
    ...FEW,
    about: 'two events in any order, the first fails once, and a process ends',
    reordered: true,
    crashes: 1,
    failing: { sequence: 1, how: 'fails', times: 1 },
  },
  'process-killer': {
    ...FEW,
    about: 'an event that ends its process until it is redriven',
    maxReceiveCount: 4,
    failing: { sequence: 1, how: 'kills', times: 'until redriven' },
    redrives: 1,
  },
  deferral: {
    ...FEW,
    about: 'an event whose handler has to wait, and then fails once, on its last receive',
    maxReceiveCount: 2,
    failing: { sequence: 1, how: 'defers', times: 1, thenFails: true },
  },
  'short-time': {
    ...FEW,
    events: 3,
    about: 'three events in any order, and an execution that has little time left',
    reordered: true,
    slow: 1,
  },
};

/** On demand: the same with four events, and kinds of trouble that meet. Each takes minutes. */
export const LARGE_SCOPES: Readonly<Record<string, Scope>> = {
  'large-overlap': { ...FOUR, about: 'four events and two overlapping executions', earlyReturns: 1 },
  'large-stall': { ...FEW, about: 'an execution that outlives its time, and goes on beside its successor', stalls: 1 },
  'large-expired-cursor': {
    ...FEW,
    events: 1,
    about: 'an event that fails once, an execution that outlives its time, and a cursor that goes by its time to live',
    stalls: 1,
    expiries: 1,
    failing: { sequence: 1, how: 'fails', times: 1 },
  },
  'large-crashes': { ...FOUR, about: 'four events and two crashes', crashes: 2 },
  'large-duplicate': {
    ...FOUR,
    about: 'four events in any order, one of them twice',
    reordered: true,
    duplicates: 1,
  },
  'large-lost-answer': { ...FOUR, about: 'four events and a lost answer', lostAnswers: 1 },
  'large-hole': { ...FOUR, about: 'four events in any order, and a hole', reordered: true, hole: 2 },
  'large-dead-letter': {
    ...FOUR,
    about: 'a dead letter and its redrive, a crash and a duplicate',
    maxReceiveCount: 3,
    failing: { sequence: 2, ...UNTIL_REDRIVEN },
    redrives: 1,
    crashes: 1,
    duplicates: 1,
  },
  'large-skip': {
    ...FOUR,
    about: 'an operator steps over a dead letter, and a process or the command itself ends',
    maxReceiveCount: 3,
    failing: { sequence: 2, how: 'fails', times: 'for good' },
    skips: true,
    redrives: 1,
    crashes: 1,
  },
  'large-claims': {
    ...FEW,
    about:
      'a deployment from claims before the handler to claims with the commit, a crash, and an event that fails once',
    claims: { old: 'before', new: 'commit' },
    earlyReturns: 1,
    crashes: 1,
    failing: { sequence: 1, how: 'fails', times: 1 },
  },
  'large-deployment': {
    ...FOUR,
    about: 'a deployment, four events in any order, and a crash',
    reordered: true,
    addedTypes: [2],
    crashes: 1,
  },
  'large-failure': {
    ...FEW,
    events: 3,
    about: 'a failing event, a duplicate, and executions that overlap',
    reordered: true,
    duplicates: 1,
    earlyReturns: 1,
    failing: { sequence: 1, how: 'fails', times: 1 },
  },
};
