import type { SQSBatchResponse } from 'aws-lambda';
import { TABLES } from '../consumer-in.ts';
import { copyOf } from '../services/dynamodb-requests.ts';
import type { Call, Node, Program } from './program.ts';
import { hasDeployment, type Scope } from './scope.ts';
import { accused, canBeStale, given, NO_ANSWER, receivable, remove, send, serve, tablesOfCall } from './services.ts';
import { type Budget, cursorOf, isInFlight, type Message, receiptOf, type State, type Worker } from './state.ts';
import { describeCall } from './story.ts';
import { FUNCTION_TIMEOUT_MS, type World } from './world.ts';

/** What may happen next. */
export interface Step {
  /** In a sentence. */
  readonly told: () => string;
  readonly next: () => State | Promise<State>;
}

export interface Explored {
  readonly scope: Scope;
  readonly world: World;
  readonly program: Program;
}

const spend = (state: State, kind: keyof Budget): State => ({
  ...state,
  budget: { ...state.budget, [kind]: state.budget[kind] - 1 },
});

/** Everything that may happen in a state. None: it is an end. */
export function stepsFrom(state: State, explored: Explored): readonly Step[] {
  return [
    ...arrivals(state, explored),
    ...receives(state, explored),
    ...state.workers.flatMap((worker) => work(state, worker, explored)),
    ...returnsEarly(state),
    ...passing(state),
    ...slowness(state),
    ...expiries(state, explored),
    ...interventions(state, explored),
  ];
}

function arrivals(state: State, { scope }: Explored): readonly Step[] {
  const { undelivered, budget } = state;
  const next = scope.reordered === true ? undelivered : undelivered.slice(0, 1);
  const steps = next.map(
    (sequence): Step => ({
      told: () => `The bus delivers e${sequence}.`,
      next: () => ({
        ...send(state, sequence),
        undelivered: undelivered.filter((other) => other !== sequence),
      }),
    }),
  );
  if (budget.duplicates === 0) return steps;
  const delivered = Array.from({ length: scope.events }, (_, index) => index + 1).filter(
    (sequence) => !undelivered.includes(sequence),
  );
  return [
    ...steps,
    ...delivered.map(
      (sequence): Step => ({
        told: () => `The bus delivers e${sequence} once more.`,
        next: () => spend(send(state, sequence), 'duplicates'),
      }),
    ),
  ];
}

const NAMES = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

function receives(state: State, explored: Explored): readonly Step[] {
  const { scope, world, program } = explored;
  if (state.workers.filter(({ does }) => does === 'consume').length >= (scope.executions ?? 2)) return [];
  const candidates = receivable(state);
  const used = candidates.filter(({ receiveCount }) => receiveCount >= scope.maxReceiveCount);
  if (used.length > 0) return used.slice(0, 1).map((message) => toDeadLetters(state, message, scope));
  const codes = state.code === 'both' ? (['old', 'new'] as const) : [state.code];
  const most = Math.min(candidates.length, scope.batchSize);
  const steps: Step[] = [];
  for (let size = 1; size <= most; size++) {
    for (const code of codes) {
      const batch = candidates.slice(0, size).map((message) => given(message, state.now));
      const name = NAMES[state.count % NAMES.length] ?? '';
      steps.push({
        told: () =>
          `Execution ${name}${codes.length > 1 ? ` of the ${code} code` : ''} receives ${batch.map(tellMessage).join(', ')}.`,
        next: async () => {
          const received = batch.map((each) => ({ ...each, receipt: receiptOf(each) }));
          const node = await program.begin(world.consume(state.now, code, received));
          const worker: Worker = {
            name: `execution ${name}`,
            does: 'consume',
            node,
            endsAt: state.now + FUNCTION_TIMEOUT_MS,
            received: received.map(({ id, receipt }) => ({ id, receipt })),
          };
          const queue = state.queue.map((message) => batch.find(({ id }) => id === message.id) ?? message);
          return { ...state, queue, workers: [...state.workers, worker], count: state.count + 1 };
        },
      });
    }
  }
  return steps;
}

const tellMessage = ({ sequence, receiveCount }: Message) =>
  receiveCount === 1 ? `e${sequence}` : `e${sequence} (receive ${receiveCount})`;

function toDeadLetters(state: State, message: Message, { failing }: Scope): Step {
  const { sequence } = message;
  return {
    told: () => `SQS moves e${sequence}, which has used up its receives, to the dead-letter queue.`,
    next: () => {
      const next = {
        ...state,
        queue: state.queue.filter((other) => other !== message),
        letters: [...state.letters, message],
      };
      const isPlanned = failing?.sequence === sequence && typeof failing.times !== 'number';
      return isPlanned ? next : accused(next, `e${sequence} is a dead letter, and nothing is wrong with it`);
    },
  };
}

/** How a worker stands once its code has gone on. */
async function goOn(state: State, worker: Worker, node: Node | Promise<Node>): Promise<State> {
  const next = { ...worker, node: await node };
  const { ended } = next.node;
  if (ended === undefined) return changed(state, worker, next);
  if (worker.does === 'skip') {
    return changed({ ...state, skip: ended.how === 'returned' ? 'done' : 'none' }, worker, undefined);
  }
  if (ended.how === 'threw') return changed(state, worker, undefined);
  const failed = new Set((ended.value as SQSBatchResponse).batchItemFailures.map((each) => each.itemIdentifier));
  const toDelete = worker.received.filter(({ id }) => !failed.has(id)).map(({ receipt }) => receipt);
  return changed(state, worker, toDelete.length === 0 ? undefined : { ...next, toDelete });
}

const changed = (state: State, worker: Worker, next: Worker | undefined): State => ({
  ...state,
  workers: state.workers.flatMap((other) => (other === worker ? (next ?? []) : other)),
});

function work(state: State, worker: Worker, explored: Explored): readonly Step[] {
  const { name, toDelete } = worker;
  if (toDelete !== undefined) return deletions(state, worker, toDelete);
  const steps = worker.node.calls.flatMap(([number, call]) => answers(state, worker, number, call, explored));
  if (state.budget.crashes > 0) {
    const skip = worker.does === 'skip' ? ('none' as const) : state.skip;
    steps.push({
      told: () => `${capital(name)} crashes.`,
      next: () => spend({ ...changed(state, worker, undefined), skip }, 'crashes'),
    });
  }
  return steps;
}

const capital = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

function deletions(state: State, worker: Worker, toDelete: readonly string[]): readonly Step[] {
  const done = changed(state, worker, undefined);
  const what = toDelete.map((receipt) => {
    const message = state.queue.find((each) => receiptOf(each) === receipt);
    return message === undefined ? 'a message that is gone' : `e${message.sequence}`;
  });
  const steps: Step[] = [
    {
      told: () => `${capital(worker.name)} has returned, and ${what.join(', ')} is deleted.`,
      next: () => toDelete.reduce(remove, done),
    },
  ];
  if (state.budget.lostAnswers > 0) {
    steps.push({
      told: () => `${capital(worker.name)} has returned, and the deletion of ${what.join(', ')} is lost.`,
      next: () => spend(done, 'lostAnswers'),
    });
  }
  return steps;
}

/** One call of a process: what the service may do with it, and what the process may hear. */
function answers(state: State, worker: Worker, number: number, call: Call, explored: Explored): Step[] {
  const { scope, world } = explored;
  const { now, budget } = state;
  const what = () => `${capital(worker.name)} ${describeCall(call, state, world)}`;
  const goes = (served: ReturnType<typeof serve>, answer = served.answer) =>
    goOn(served.state, worker, worker.node.answered(number, answer, now));
  const steps: Step[] = [];
  const plain = serve(state, call, scope, world);
  if (plain.answer.key === 'kills') {
    return [{ told: () => `${what()}; that ends its process.`, next: () => changed(plain.state, worker, undefined) }];
  }
  const isMisled =
    plain.answer.key.startsWith('refused') && tablesOfCall(call).some((table) => worker.misled?.includes(table));
  steps.push({
    told: () => `${what()}${outcomeOf(call, plain.answer.key)}.`,
    next: async () => {
      const next = await goes(plain);
      return isMisled ? accused(next, `${worker.name} acted on an old state, and was refused what it wrote`) : next;
    },
  });
  if (call.service === 'sleep' || call.service === 'handler') return steps;
  if (budget.staleReads > 0 && canBeStale(state, call)) {
    const stale = serve(state, call, scope, world, true);
    if (stale.answer.key !== plain.answer.key) {
      steps.push({
        told: () => `${what()}, and is shown what was before the last write.`,
        next: async () => {
          const misled = { ...worker, misled: [...(worker.misled ?? []), ...tablesOfCall(call)] };
          const node = worker.node.answered(number, stale.answer, now);
          return spend(await goOn(changed(state, worker, misled), misled, node), 'staleReads');
        },
      });
    }
  }
  if (budget.lostAnswers === 0) return steps;
  const lost = (told: string, served: ReturnType<typeof serve>, answer = NO_ANSWER): Step => ({
    told: () => `${what()}; ${told}.`,
    next: async () => spend(await goes(served, answer), 'lostAnswers'),
  });
  steps.push(lost('the request is lost, and no answer comes', { state, answer: NO_ANSWER }));
  if (plain.state === state) return steps;
  const again = serve(plain.state, call, scope, world);
  steps.push(lost('it is done, and its answer is lost', plain));
  const isIdempotent = 'ClientRequestToken' in call.input && call.input.ClientRequestToken !== undefined;
  steps.push(
    isIdempotent
      ? lost('the answer is lost, and the SDK asks again', plain, plain.answer)
      : lost('the answer is lost, the SDK asks again, and the second answer counts', again, again.answer),
  );
  return steps;
}

const outcomeOf = ({ service }: Call, key: string): string => {
  if (service === 'handler') return key === 'succeeds' ? '' : `: ${key}`;
  if (key === 'gone') return ', which is not its own any more';
  return key.startsWith('refused') ? '; it is refused' : '';
};

function returnsEarly(state: State): readonly Step[] {
  if (state.budget.earlyReturns === 0) return [];
  return state.queue
    .filter((message) => isInFlight(message, state.now))
    .map((message) => ({
      told: () => `The visibility of e${message.sequence} ends while its execution works.`,
      next: () =>
        spend(
          { ...state, queue: state.queue.map((each) => (each === message ? { ...each, visibleAt: state.now } : each)) },
          'earlyReturns',
        ),
    }));
}

const duesOf = (state: State): readonly number[] =>
  [...state.queue.map(({ visibleAt }) => visibleAt), ...claimsOf(state)].filter((at) => at > state.now);

/** Time moves on to the next thing that is due. */
function passing(state: State): readonly Step[] {
  const dues = duesOf(state);
  if (dues.length === 0) return [];
  const due = Math.min(...dues);
  // an execution that has returned waits for nothing but its poller
  const isOver = ({ does, endsAt, toDelete }: Worker) =>
    does === 'consume' && (toDelete !== undefined || (endsAt !== undefined && endsAt <= due));
  const late = state.workers.filter(isOver);
  const seconds = Math.round((due - state.now) / 1000);
  if (late.length === 0) return [{ told: () => `${seconds} seconds pass.`, next: () => ({ ...state, now: due }) }];
  if (state.budget.stalls === 0) return [];
  const workers = state.workers.map((worker) => (late.includes(worker) ? { ...worker, endsAt: undefined } : worker));
  return [
    {
      told: () =>
        `${late.map(({ name }) => capital(name)).join(' and ')} hangs; ${seconds} seconds pass, and it goes on.`,
      next: () => spend({ ...state, now: due, workers }, 'stalls'),
    },
  ];
}

/** Too little of an execution's time is left to begin more than what came, and its handlers are not told to stop yet. */
const SHORT_TIME_MS = 600;

function slowness(state: State): readonly Step[] {
  if (state.budget.slow === 0) return [];
  return state.workers.flatMap(({ name, endsAt, toDelete }) => {
    const now = (endsAt ?? 0) - SHORT_TIME_MS;
    if (now <= state.now || toDelete !== undefined || duesOf(state).some((due) => due <= now)) return [];
    const told = () => `${capital(name)} takes long: little of its time is left.`;
    return [{ told, next: () => spend({ ...state, now }, 'slow') }];
  });
}

/** When executions lose their claims of events. */
const claimsOf = ({ tables }: State): readonly number[] =>
  [...(tables.get(TABLES.inbox)?.items.values() ?? [])].flatMap((item) =>
    item['status']?.S === 'INPROGRESS' ? [Number(item['in_progress_expiration']?.N) + 1] : [],
  );

/** What people do. */
function interventions(state: State, { scope, world, program }: Explored): readonly Step[] {
  const steps: Step[] = [];
  for (const letter of scope.skips === true && state.skip !== 'done' ? [] : state.letters) {
    if (state.budget.redrives === 0) break;
    steps.push({
      told: () => `Somebody redrives e${letter.sequence}.`,
      next: () => {
        const left = { ...state, letters: state.letters.filter((other) => other !== letter), redriven: true };
        return spend(send(left, letter.sequence), 'redrives');
      },
    });
  }
  const blocked =
    scope.skips === true && state.skip === 'none' ? cursorOf(state.tables)?.blockedBy?.sequence : undefined;
  if (blocked !== undefined && blocked === scope.failing?.sequence) {
    steps.push({
      told: () => `An operator steps over e${blocked}.`,
      next: async () => {
        const node = await program.begin(world.stepOver(state.now, blocked));
        const worker: Worker = { name: 'the command', does: 'skip', node, endsAt: undefined, received: [] };
        return { ...state, skip: 'asked for', skipped: [blocked], workers: [...state.workers, worker] };
      },
    });
  }
  if (state.code === 'old' && hasDeployment(scope)) {
    steps.push({ told: () => 'The deployment of the new code begins.', next: () => ({ ...state, code: 'both' }) });
  }
  if (state.code === 'both')
    steps.push({ told: () => 'The deployment ends.', next: () => ({ ...state, code: 'new' }) });
  if (state.hole !== undefined) {
    steps.push({ told: () => `The log shows e${state.hole}.`, next: () => ({ ...state, hole: undefined }) });
  }
  return steps;
}

/** The time to live of the cursor takes it: nothing that was not handled can still come. */
function expiries(state: State, { scope }: Explored): readonly Step[] {
  const { budget, tables, workers, queue, undelivered, handled } = state;
  const cursor = cursorOf(tables);
  const isIdle = cursor !== undefined && cursor.blockedBy === undefined && cursor.processed === cursor.seen;
  const isOver = queue.length + undelivered.length === 0 && handled.length === scope.events;
  // what outlives its time by so much has long been told from what is at work
  const isQuiet = workers.every(({ endsAt, toDelete }) => endsAt === undefined && toDelete === undefined);
  if (budget.expiries === 0 || !isIdle || !isOver || !isQuiet) return [];
  return [
    {
      told: () => 'The time to live of the cursor takes it.',
      next: () => {
        const left = copyOf(tables, new Set([TABLES.cursors]));
        left.get(TABLES.cursors)?.items.clear();
        return spend({ ...state, tables: left }, 'expiries');
      },
    },
  ];
}
