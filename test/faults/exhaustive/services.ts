import { readCursor } from '../../../lib/consumer/dynamodb-cursor-store.ts';
import { TABLES } from '../consumer-in.ts';
import { LEDGER_TABLE } from '../handlers.ts';
import {
  answerRequest,
  copyOf,
  type DynamoDbRequest,
  isRead,
  mayBeStale,
  tablesOf,
  writesOf,
} from '../services/dynamodb-requests.ts';
import type { Answer, Call } from './program.ts';
import type { Scope } from './scope.ts';
import { isInFlight, type Message, receiptOf, type State } from './state.ts';
import { VISIBILITY_TIMEOUT_MS, type World } from './world.ts';

/** A request that was applied. */
export interface Served {
  readonly state: State;
  readonly answer: Answer;
}

/** What a process hears when a request of it has no answer: whether it was applied, it cannot know. */
export const NO_ANSWER: Answer = {
  key: 'no answer',
  error: () => Object.assign(new Error('no answer came'), { name: 'TimeoutError' }),
};

/** Applies a call of a process to the state. @param stale whether a read that allows it shows what was before */
export function serve(state: State, call: Call, scope: Scope, world: World, stale = false): Served {
  switch (call.service) {
    case 'dynamodb':
      return serveDynamoDb(state, call as DynamoDbRequest, world, stale);
    case 'sqs':
      return serveSqs(state, call, world);
    case 'handler':
      return serveHandler(state, scope);
    case 'sleep':
      // time itself moves by steps of its own
      return { state, answer: { key: 'slept' } };
  }
}

export const canBeStale = (state: State, call: Call): boolean =>
  state.before !== undefined && call.service === 'dynamodb' && mayBeStale(call as DynamoDbRequest);

function serveDynamoDb(state: State, request: DynamoDbRequest, world: World, stale: boolean): Served {
  if (isRead(request)) {
    const tables = stale ? (state.before ?? state.tables) : state.tables;
    const output = withoutHole(answerRequest(tables, request), request, state.hole, stale);
    return { state, answer: { key: keyOf(output), value: output } };
  }
  const tables = copyOf(state.tables, tablesOf(request));
  try {
    const value = answerRequest(tables, request);
    const before = state.before && state.tables;
    return { state: watched({ ...state, tables, before }, request, world), answer: { key: 'done', value } };
  } catch (error) {
    return { state, answer: { key: `refused: ${describe(error)}`, error: () => error as Error } };
  }
}

/** A query is no snapshot: it may miss what others show. One that may be stale misses the last event, too. */
function withoutHole(output: object, { operation }: DynamoDbRequest, hole: number | undefined, stale: boolean): object {
  const { Items } = output as { Items?: readonly { readonly sequence?: { readonly N?: string } }[] };
  if (operation !== 'Query' || Items === undefined) return output;
  const shown = Items.filter(({ sequence }) => Number(sequence?.N) !== hole);
  return { Items: stale ? shown.slice(0, -1) : shown };
}

/** Of the log's items the place says all: they never change. */
const keyOf = (output: object): string =>
  JSON.stringify(output, (name, value) => (name === 'event' || name === 'committedAt' ? undefined : value));

const describe = (error: unknown): string => {
  const { name, Item, CancellationReasons } = error as {
    name: string;
    Item?: object;
    CancellationReasons?: readonly object[];
  };
  return `${name} ${JSON.stringify(Item ?? CancellationReasons ?? '')}`;
};

/** The tables that a request to DynamoDB goes to. */
export const tablesOfCall = ({ service, input }: Call): readonly string[] => {
  if (service !== 'dynamodb') return [];
  const request = { operation: '', input } as DynamoDbRequest;
  const { TableName, RequestItems = {}, TransactItems } = request.input;
  const written = tablesOf({ operation: 'TransactWriteItems', input: { TransactItems: TransactItems ?? [] } });
  return [...(TableName === undefined ? [] : [TableName]), ...Object.keys(RequestItems), ...written];
};

/** Looks at every write: what it has done, and which promise it breaks. */
function watched(state: State, request: DynamoDbRequest, world: World): State {
  let next = state;
  for (const { Put } of writesOf(request)) {
    if (Put?.TableName === LEDGER_TABLE) next = withEffect(next, Number(Put.Item?.['id']?.S), world);
  }
  for (const { Put } of writesOf(request)) {
    if (Put?.TableName === TABLES.cursors && Put.Item) next = withCursor(next, readCursor(Put.Item), state, world);
  }
  return next;
}

const isDealtWith = (state: State, sequence: number) =>
  state.handled.includes(sequence) || state.skipped.includes(sequence);

/** Whether the order of the group counts for the event: old code steps over types that it does not take. */
const firstOpen = (state: State, upTo: number, world: World) => {
  for (let sequence = 1; sequence <= upTo; sequence++) {
    if (!isDealtWith(state, sequence) && !world.isToggled(sequence)) return sequence;
  }
  return undefined;
};

function withEffect(state: State, sequence: number, world: World): State {
  const handled = [...state.handled, sequence].sort();
  if (state.handled.includes(sequence)) return accused(state, `e${sequence} has had its effect twice`);
  const passed = firstOpen(state, sequence - 1, world);
  if (passed !== undefined) return accused({ ...state, handled }, `e${sequence} was handled before e${passed}`);
  const later = state.handled.find((other) => other > sequence);
  if (later !== undefined && !world.isToggled(sequence)) {
    return accused({ ...state, handled }, `e${sequence} was handled after e${later}`);
  }
  return { ...state, handled };
}

function withCursor(state: State, cursor: ReturnType<typeof readCursor>, { before }: State, world: World): State {
  const { processed, seen, blockedBy } = cursor;
  const [item] = before?.get(TABLES.cursors)?.items.values() ?? [];
  const known = item && readCursor(item as Parameters<typeof readCursor>[0]);
  if (seen < processed) return accused(state, `the cursor has seen ${seen}, less than it has processed`);
  if (blockedBy !== undefined && blockedBy.sequence <= processed) {
    return accused(state, `the group waits for e${blockedBy.sequence}, which is processed`);
  }
  if (known !== undefined && processed < known.processed) {
    return accused(state, `the cursor went back from ${known.processed} to ${processed}`);
  }
  if (known !== undefined && seen < known.seen) {
    return accused(state, `the cursor has forgotten that it has seen ${known.seen}, and says ${seen}`);
  }
  const lost = firstOpen(state, processed, world);
  if (lost !== undefined)
    return accused(state, `the cursor moved to ${processed} over e${lost}, which was not handled`);
  return state;
}

export const accused = (state: State, wrong: string): State => ({ ...state, wrong: state.wrong ?? wrong });

function serveHandler(state: State, { failing }: Scope): Served {
  const tried = state.tries + 1;
  const isOver =
    failing === undefined ||
    (failing.times === 'until redriven' && state.redriven) ||
    (typeof failing.times === 'number' && tried > failing.times);
  const fails = failing?.thenFails === true && tried === Number(failing.times) + 1;
  if (isOver && !fails) return { state, answer: { key: 'succeeds', value: 'succeeds' } };
  const how = fails ? 'fails' : failing.how;
  const tries = typeof failing.times === 'number' ? tried : state.tries;
  return { state: { ...state, tries }, answer: { key: how, value: how } };
}

function serveSqs(state: State, { operation, input }: Call, world: World): Served {
  const {
    MessageBody = '',
    MessageDeduplicationId = '',
    ReceiptHandle,
    VisibilityTimeout = 0,
    Entries = [],
  } = input as {
    MessageBody?: string;
    MessageDeduplicationId?: string;
    ReceiptHandle?: string;
    VisibilityTimeout?: number;
    Entries?: readonly { readonly ReceiptHandle: string }[];
  };
  switch (operation) {
    case 'SendMessage':
      return {
        // the bus gives an event's own body: what comes with it again within minutes is dropped
        state: MessageDeduplicationId === MessageBody ? state : send(state, world.sequenceOf(MessageBody)),
        answer: { key: 'sent', value: {} },
      };
    case 'ChangeMessageVisibility': {
      const known = findInFlight(state, ReceiptHandle ?? '');
      if (known === undefined) return { state, answer: GONE };
      const visibleAt = state.now + VisibilityTimeout * 1000;
      return { state: replaced(state, known, { ...known, visibleAt }), answer: { key: 'hidden', value: {} } };
    }
    case 'DeleteMessageBatch': {
      const next = Entries.reduce((each, { ReceiptHandle: receipt }) => remove(each, receipt), state);
      return { state: next, answer: { key: 'deleted', value: {} } };
    }
    default:
      throw new Error(`the model knows no operation '${operation}'`);
  }
}

const GONE: Answer = {
  key: 'gone',
  error: () => Object.assign(new Error('the receipt is no longer good'), { name: 'MessageNotInflight' }),
};

const findInFlight = ({ queue, now }: State, receipt: string): Message | undefined =>
  queue.find((message) => receiptOf(message) === receipt && isInFlight(message, now));

const replaced = (state: State, known: Message, next: Message): State => ({
  ...state,
  queue: state.queue.map((message) => (message === known ? next : message)),
});

export function send(state: State, sequence: number): State {
  const message = { id: `~${state.count}~`, sequence, receiveCount: 0, visibleAt: 0 };
  return { ...state, count: state.count + 1, queue: [...state.queue, message] };
}

export function remove(state: State, receipt: string): State {
  const known = findInFlight(state, receipt);
  return known === undefined ? state : { ...state, queue: state.queue.filter((message) => message !== known) };
}

/** What a receive may give, in order: all before the first message that is in flight. */
export function receivable({ queue, now }: State): readonly Message[] {
  const first = queue.findIndex((message) => isInFlight(message, now));
  return first === -1 ? queue : queue.slice(0, first);
}

/** Gives messages out. */
export const given = (message: Message, now: number): Message => ({
  ...message,
  receiveCount: message.receiveCount + 1,
  visibleAt: now + VISIBILITY_TIMEOUT_MS,
});
