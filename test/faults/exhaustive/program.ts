import type { Context } from 'aws-lambda';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { atTime } from '../simulation.ts';

/** What a process asks its surroundings for. */
export interface Call {
  readonly service: 'dynamodb' | 'sqs' | 'handler' | 'sleep';
  readonly operation: string;
  readonly input: object;
}

/** What came back. Equal keys are equal answers. */
export interface Answer {
  readonly key: string;
  readonly value?: unknown;
  readonly error?: () => Error;
}

type Ended = { readonly how: 'returned'; readonly value: unknown } | { readonly how: 'threw'; readonly error: unknown };

/** The surroundings of one run of the code. */
export interface Surroundings {
  now(): number;
  call(call: Call): Promise<unknown>;
  signalAfter(delayMs: number): AbortSignal;
  readonly context: Context;
}

/** Runs the code under test; everything that it does beside computing MUST go through its surroundings. */
type Main = (surroundings: Surroundings) => Promise<unknown>;

/** How far a process is: what it has asked for, and what it was answered, since its beginning. */
export interface Node {
  /** Tells it from all other nodes. */
  readonly text: string;
  /** Open calls by their numbers. */
  readonly calls: readonly (readonly [number, Call])[];
  readonly ended: Ended | undefined;
  /** @returns how far it is once the call is answered */
  answered(call: number, answer: Answer, now: number): Node | Promise<Node>;
}

export interface Begin {
  /** Tells it from every other beginning at another time, or with another input. */
  readonly key: string;
  readonly at: number;
  readonly timeoutMs: number;
  readonly main: Main;
}

interface Answered {
  readonly call: number;
  readonly answer: Answer;
  readonly at: number;
}

/** All that processes can come to. The code runs once for each node, from its beginning or from where it stands. */
export interface Program {
  begin(begin: Begin): Node | Promise<Node>;
  /** How often the code was run up to one more call. */
  readonly runs: () => number;
}

export function createProgram(): Program {
  const roots = new Map<string, Node>();
  let runs = 0;

  const nodeOf = (begin: Begin, history: readonly Answered[], running: Run): Node => {
    const children = new Map<string, Node>();
    let live: Run | undefined = running;
    runs += 1;
    return {
      text: [begin.key, ...history.map(({ call, answer, at }) => `${call}:${answer.key}+${at - begin.at}`)].join(' '),
      calls: [...running.open].map(([number, { call }]) => [number, call]),
      ended: running.ended,
      answered(call, answer, now) {
        const key = `${call} ${now} ${answer.key}`;
        const known = children.get(key);
        if (known !== undefined) return known;
        return (async () => {
          const run = live ?? (await replay(begin, history));
          live = undefined;
          await run.answer({ call, answer, at: now });
          const child = nodeOf(begin, [...history, { call, answer, at: now }], run);
          children.set(key, child);
          return child;
        })();
      },
    };
  };

  return {
    runs: () => runs,
    begin(begin) {
      const key = `${begin.key} ${begin.at}`;
      const known = roots.get(key);
      if (known !== undefined) return known;
      return (async () => {
        const root = nodeOf(begin, [], await replay(begin, []));
        roots.set(key, root);
        return root;
      })();
    },
  };
}

interface Run {
  readonly open: ReadonlyMap<number, { readonly call: Call }>;
  ended: Ended | undefined;
  answer(answered: Answered): Promise<void>;
}

async function replay(begin: Begin, history: readonly Answered[]): Promise<Run> {
  const run = await start(begin);
  for (const answered of history) await run.answer(answered);
  return run;
}

async function start({ at, timeoutMs, main }: Begin): Promise<Run> {
  const open = new Map<number, { call: Call; settle: (answer: Answer) => void }>();
  const alarms: { readonly at: number; readonly controller: AbortController }[] = [];
  let now = at;
  let calls = 0;
  const run: Run = {
    open,
    ended: undefined,
    async answer({ call, answer, at: when }) {
      const asked = open.get(call);
      if (asked === undefined) throw new Error(`the code under test went another way: it has no call ${call}`);
      open.delete(call);
      now = when;
      await atTime(now, () => {
        for (const alarm of alarms) if (alarm.at <= now) alarm.controller.abort();
        asked.settle(answer);
      });
    },
  };
  const surroundings: Surroundings = {
    now: () => now,
    call: (call) =>
      new Promise((resolve, reject) => {
        calls += 1;
        const settle = ({ value, error }: Answer) => (error === undefined ? resolve(value) : reject(error()));
        open.set(calls, { call, settle });
      }),
    signalAfter(delayMs) {
      const controller = new AbortController();
      alarms.push({ at: now + delayMs, controller });
      return controller.signal;
    },
    context: { ...lambdaContext(), getRemainingTimeInMillis: () => Math.max(at + timeoutMs - now, 0) },
  };
  await atTime(now, () => {
    main(surroundings).then(
      (value) => {
        run.ended = { how: 'returned', value };
      },
      (error: unknown) => {
        run.ended = { how: 'threw', error };
      },
    );
  });
  return run;
}
