import type { OperatedConsumer } from '../../cli/operated-consumer.ts';
import type { Operation } from '../../cli/operation.ts';
import { ConsumerUnknownError, ProjectionUnknownError } from '../../lib/operations/index.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import { createOpsRig } from '../lib/operations/rig.ts';

export interface OperationOptions {
  /** What the person at the terminal answers; undefined: there is no terminal. */
  readonly answer?: boolean | undefined;
  readonly json?: boolean;
  /** Whether the result goes to a terminal. @default true */
  readonly isTerminal?: boolean;
}

/** An operation on the consumers `billing`, which is strict, and `mail`, which is not, over fakes. */
export function createOperation({ answer, json = false, isTerminal = true }: OperationOptions = {}) {
  const rig = createOpsRig();
  const out: string[] = [];
  const notes: string[] = [];
  const empty = async () => ({ visible: 0, inFlight: 0 });
  const billing: OperatedConsumer = {
    ...rig,
    name: 'billing',
    undeliverable: () => rig.undeliverable,
    depths: { queue: empty, deadLetters: empty },
    strict: { ...rig, startInstant: async () => 0 as EpochMs, aloneStartInstant: async () => 0 as EpochMs },
  };
  const consumers = [billing, { ...billing, name: 'mail', strict: undefined }];
  const operation: Operation = {
    environmentName: 'dev',
    outboxRetentionSeconds: 60,
    consumers,
    consumer(name) {
      const consumer = consumers.find((candidate) => candidate.name === name);
      if (consumer === undefined) throw new ConsumerUnknownError(name, 'dev', ['billing', 'mail']);
      return consumer;
    },
    saga: (name) => {
      throw new Error(`no saga '${name}' under test`);
    },
    rebuild: async () => {
      throw new ProjectionUnknownError('none', 'dev', []);
    },
    log: rig.log,
    repair: {
      head: async () => 0,
      lastUsed: async () => 3,
      keep: async ({ sequence }) => (sequence === 2 ? 'gone' : 'kept'),
      fill: async ({ sequence }) => (sequence === 3 ? 'taken' : 'filled'),
      raiseHead: async () => 'raised',
    },
    cursorScanner: {
      async *scan() {
        yield { cursors: [{ group: 'account#7', seen: 4 }], readUnits: 1 };
      },
    },
    markers: { stateOf: async () => ({ kind: 'published' }) },
    clock: rig.clock,
    sleep: async () => undefined,
    console: {
      isTerminal,
      line: (text) => void out.push(text),
      note: (text) => void notes.push(text),
      progress: () => undefined,
      confirm: async (question) => {
        notes.push(question);
        return answer;
      },
    },
    json,
    operator: 'ann@desk',
  };
  return { rig, operation, out, notes };
}
