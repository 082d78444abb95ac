import type { OperatedConsumer } from '../../cli/operated-consumer.ts';
import type { Operation } from '../../cli/operation.ts';
import {
  ConsumerUnknownError,
  type DeployedConsumer,
  ProjectionUnknownError,
  type SettingsVersion,
  SyncUnknownError,
} from '../../lib/operations/index.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import { createInMemoryConsumerPauseStore } from '../../lib/testing/in-memory-consumer-pause-store.ts';
import { createInMemoryEventIndex } from '../../lib/testing/in-memory-event-index.ts';
import { createOpsRig } from '../lib/operations/rig.ts';

export interface OperationOptions {
  /** What the person at the terminal answers; undefined: there is no terminal. */
  readonly answer?: boolean | undefined;
  readonly json?: boolean;
  /** Of JSON. @default json */
  readonly output?: 'json' | 'jsonl';
  /** Whether the result goes to a terminal. @default true */
  readonly isTerminal?: boolean;
}

/** An operation on the consumers `billing`, which is strict, and `mail`, which is not, over fakes. */
export function createOperation({ answer, json = false, output = 'json', isTerminal = true }: OperationOptions = {}) {
  const rig = createOpsRig();
  const out: string[] = [];
  const notes: string[] = [];
  const polled: boolean[] = [];
  const empty = async () => ({ visible: 0, inFlight: 0 });
  const billing: OperatedConsumer = {
    ...rig,
    name: 'billing',
    noted: rig.notes,
    deadLetters: rig.undeliverable,
    undeliverable: () => rig.undeliverable,
    depths: { queue: empty, deadLetters: empty, undeliverable: empty },
    pause: {
      store: rig.pauseStore,
      polling: {
        isEnabled: async () => polled.at(-1) ?? true,
        setEnabled: async (enabled) => void polled.push(enabled),
      },
    },
    reconciled: rig.reconciled(),
    assertReplayable: () => undefined,
    strict: rig,
  };
  const fifo = { ...rig.reads, cursors: undefined };
  const mail = { ...billing, name: 'mail', strict: undefined };
  const consumers = [billing, { ...mail, reconciled: rig.reconciled({ name: 'mail', glance: fifo, certain: fifo }) }];
  const settings = createSettings();
  const operation: Operation = {
    environmentName: 'dev',
    outboxRetentionSeconds: 60,
    consumers,
    publishers: { relay: createPublisher('(relay)', polled), sweeper: createPublisher('(sweeper)', polled) },
    consumer(name) {
      const consumer = consumers.find((candidate) => candidate.name === name);
      if (consumer === undefined) throw new ConsumerUnknownError(name, 'dev', ['billing', 'mail']);
      return consumer;
    },
    settings: () => ({ parameterName: '/waybill/dev/settings', ...settings }),
    saga: (name) => {
      throw new Error(`no saga '${name}' under test`);
    },
    syncs: [],
    sync: (name) => {
      throw new SyncUnknownError(name, 'dev', []);
    },
    rebuild: async () => {
      throw new ProjectionUnknownError('none', 'dev', []);
    },
    log: rig.log,
    index: () => createInMemoryEventIndex(rig.store),
    logged: rig.logged,
    runs: () => rig.runs,
    trail: () => rig.trail,
    quarantine: { release: async ({ sequence }) => (sequence === 9 ? 'not-quarantined' : 'released') },
    onInterrupt: () => new AbortController().signal,
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
    pending: {
      async *pages() {
        yield [];
      },
    },
    markers: {
      stateOf: async () => ({ kind: 'published' }),
      statesOf: async (places) => places.map(() => ({ kind: 'published' })),
    },
    places: rig.places,
    reconciliation: rig.reconciliation,
    resources: (on) => [`arn:aws:test:::${on}`],
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
    output: json ? output : 'text',
    json,
    operator: 'ann@desk',
  };
  return { rig, operation, out, notes, settings, polled };
}

const createPublisher = (name: string, polled: boolean[]) => ({
  name,
  pause: {
    store: createInMemoryConsumerPauseStore(),
    polling: { isEnabled: async () => true, setEnabled: async (enabled: boolean) => void polled.push(enabled) },
  },
});

const deployed = (name: string, maxReceiveCount: number) =>
  ({
    name,
    variables: {
      WAYBILL_MAX_RECEIVE_COUNT: String(maxReceiveCount),
      WAYBILL_RETRY_BASE_SECONDS: '5',
      WAYBILL_RETRY_CAP_SECONDS: '600',
      POWERTOOLS_LOG_LEVEL: 'INFO',
    },
  }) as unknown as DeployedConsumer;

/** A settings parameter over memory: each write is a minute after the one before. */
function createSettings() {
  const versions: SettingsVersion[] = [];
  const write = async (content: string, by: string) => {
    const version = versions.length + 1;
    versions.push({ version, content, at: (1_795_154_400_000 + version * 60_000) as EpochMs, by });
    return version;
  };
  return {
    versions,
    store: { read: async () => versions.at(-1), history: async () => versions, write },
    deployed: {
      consumers: [deployed('billing', 5), deployed('mail', 3)],
      sweepAfterSeconds: 120,
      logLevel: 'INFO',
    },
  };
}
