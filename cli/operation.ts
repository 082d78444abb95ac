import type { EventLog } from '../lib/consumer/index.ts';
import type {
  CursorScanner,
  EventIndex,
  LoggedEvents,
  LogReader,
  LogRepair,
  LogScanner,
  LogWalker,
  MarkerReader,
  OperatorTrail,
  Publisher,
  Quarantine,
  ReconcileDeploymentDeps,
  ReconcileRunDeps,
  RedriveRuns,
} from '../lib/operations/index.ts';
import type { PendingTable } from '../lib/outbox/index.ts';
import type { RebuildStatus } from '../lib/projection/index.ts';
import type { RebuildCommand } from '../lib/runtime/rebuild-handler.ts';
import type { Sleep } from '../lib/shared/backoff.ts';
import type { Clock } from '../lib/shared/time.ts';
import type { CommandConsole } from './console.ts';
import type { OperatedConsumer, StrictConsumer } from './operated-consumer.ts';
import type { OperatedPublisher } from './operated-publisher.ts';
import type { OperatedSaga } from './operated-saga.ts';
import type { OperatedSettings } from './operated-settings.ts';
import type { OperatedSync } from './operated-sync.ts';
import type { RightOn } from './rights.ts';
import { UsageError } from './usage-error.ts';
import { jsonText } from './wording.ts';

/** How a command writes its result. `jsonl` is `json`, with one line for each entry of a list. */
export const OUTPUT_FORMATS = ['text', 'json', 'jsonl'] as const;

export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** The dependencies of a command. */
export interface Operation {
  readonly environmentName: string;
  readonly outboxRetentionSeconds: number;
  readonly consumers: readonly OperatedConsumer[];
  readonly publishers: Readonly<Record<Publisher, OperatedPublisher>>;
  /** @throws ConsumerUnknownError `CONSUMER_UNKNOWN` */
  consumer(name: string): OperatedConsumer;
  /**
   * Invokes the function that rebuilds a projection's view.
   * @throws ProjectionUnknownError `PROJECTION_UNKNOWN`, FunctionFailedError `FUNCTION_FAILED`
   */
  rebuild(projection: string, command: RebuildCommand): Promise<RebuildStatus>;
  /** @throws DeploymentUnclearError `DEPLOYMENT_UNCLEAR` if an older version is deployed */
  settings(): OperatedSettings;
  /** @throws SagaUnknownError `SAGA_UNKNOWN`, UsageError `OPS_USAGE` if the consumer is not a process manager */
  saga(name: string): OperatedSaga;
  /** Names of the environment's syncs. */
  readonly syncs: readonly string[];
  /** @throws SyncUnknownError `SYNC_UNKNOWN` */
  sync(name: string): OperatedSync;
  readonly log: LogReader & LogScanner & LogWalker;
  /** The log as consumers read it. */
  readonly places: EventLog;
  /** @throws DeploymentUnclearError `DEPLOYMENT_UNCLEAR` if an older version deployed the hub */
  runs(): RedriveRuns;
  /** @throws DeploymentUnclearError `DEPLOYMENT_UNCLEAR` if an older version deployed the hub */
  trail(): OperatorTrail;
  /** The log's index by id, or by correlation as well; undefined if the deployment does not have it. */
  index(by: 'id' | 'correlation'): EventIndex | undefined;
  readonly logged: LoggedEvents;
  readonly markers: MarkerReader;
  readonly pending: PendingTable;
  readonly reconciliation: (
    limits: { readonly readUnitsPerSecond: number } & Pick<ReconcileDeploymentDeps, 'deploymentMs'>,
  ) => ReconcileRunDeps;
  readonly quarantine: Quarantine;
  readonly repair: LogRepair;
  readonly cursorScanner: CursorScanner;
  /** ARNs of the environment's resources. */
  readonly resources: (on: RightOn) => readonly string[];
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly console: CommandConsole;
  readonly output: OutputFormat;
  /** Whether the result is JSON, of either format. */
  readonly json: boolean;
  /** Who runs the command. */
  readonly operator: string;
  /** A signal that is aborted by Ctrl-C, which does not end the command by itself once this was called. */
  onInterrupt(): AbortSignal;
}

/**
 * Writes a result with a list as JSON: one line, or with `jsonl` one line for each entry; the other facts then go to
 * stderr.
 * @param list the member of `facts` that is the list
 */
export function tellJson<List extends string>(
  { console, output }: Pick<Operation, 'console' | 'output'>,
  facts: Readonly<Record<string, unknown>> & Readonly<Record<List, readonly unknown[]>>,
  list: List,
): void {
  if (output !== 'jsonl') {
    console.line(jsonText(facts));
    return;
  }
  const { [list]: entries, ...others } = facts;
  for (const entry of entries) console.line(jsonText(entry));
  console.note(jsonText(others));
}

/** Exit status of a run that stopped before its end, or ended with events that are not handled. */
export const UNHANDLED = 4;

/** Exit status of a command: 0 done; 1 refused, not found or incomplete; 4 see `UNHANDLED`. */
export type ExitStatus = 0 | 1 | typeof UNHANDLED;

export type StrictOperated = OperatedConsumer & { readonly strict: StrictConsumer };

export const isStrict = (consumer: OperatedConsumer): consumer is StrictOperated => consumer.strict !== undefined;

/** @throws UsageError `OPS_USAGE` if the consumer's ordering is 'fifo' */
export function strictConsumer(operation: Operation, name: string): StrictOperated {
  const consumer = operation.consumer(name);
  if (isStrict(consumer)) return consumer;
  throw new UsageError(
    `consumer '${name}' has ordering 'fifo': its groups are never held; redrive its dead letters from its DLQ`,
  );
}

/** The named consumer, or all consumers with strict order. */
export const strictConsumers = (operation: Operation, name: string | undefined): readonly StrictOperated[] =>
  name === undefined ? operation.consumers.filter(isStrict) : [strictConsumer(operation, name)];
