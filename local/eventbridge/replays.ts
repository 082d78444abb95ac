import type { EpochMs } from '../../lib/shared/time.ts';
import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { type Archive, type ArchivedEvent, liveEvents } from './archive.ts';
import type { Archives } from './archives.ts';
import { type BusEvent, toReplayed } from './bus-event.ts';
import type { Buses } from './buses.ts';
import {
  optionalObject,
  optionalString,
  optionalStrings,
  optionalTimestampMs,
  REPLAY_NAME,
  requireName,
  requireString,
  validationError,
} from './members.ts';
import type { Operations } from './operations.ts';
import { pageOf } from './page.ts';

export interface Replays {
  readonly operations: Operations;
  /** Replays that still have events to send. */
  running(): number;
  close(): void;
}

export interface ReplaysOptions {
  readonly buses: Buses;
  readonly archives: Archives;
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
  /** @param ruleArns the only rules that may match; all when undefined. */
  readonly send: (event: BusEvent, busArn: string, ruleArns: ReadonlySet<string> | undefined) => void;
}

interface Replay {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly archive: Archive;
  readonly fromMs: number;
  readonly toMs: number;
  readonly ruleArns: readonly string[] | undefined;
  readonly startedAt: EpochMs;
  state: 'RUNNING' | 'COMPLETED';
  lastReplayedAt: EpochMs | undefined;
  endedAt: EpochMs | undefined;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MOST_RUNNING = 10;
/** The service replays by intervals of the events' time, with no order promised inside one. */
const INTERVAL_MS = 60_000;

export function createReplays({ buses, archives, clock, region, accountId, send }: ReplaysOptions): Replays {
  const replays = new Map<string, Replay>();
  let isClosed = false;
  const running = () => [...replays.values()].filter((replay) => replay.state === 'RUNNING').length;

  const readReplay = (input: JsonObject): Replay => {
    const name = requireName(input, 'ReplayName', REPLAY_NAME);
    const archiveArn = requireString(input, 'EventSourceArn');
    const archive = archives.find(archiveArn);
    if (archive === undefined || archive.arn !== archiveArn) {
      const archiveName = archiveArn.slice(archiveArn.lastIndexOf('/') + 1);
      throw validationError(`Parameter EventSourceArn is not valid. Reason: Archive ${archiveName} does not exist.`);
    }
    return {
      name,
      arn: `arn:aws:events:${region}:${accountId}:replay/${name}`,
      description: optionalString(input, 'Description'),
      archive,
      ...readRange(input),
      ruleArns: readRuleArns(input, archive, buses),
      startedAt: clock.now(),
      state: 'RUNNING',
      lastReplayedAt: undefined,
      endedAt: undefined,
    };
  };

  const sendNext = (replay: Replay, intervals: readonly (readonly ArchivedEvent[])[]) => {
    if (isClosed) return;
    const [interval, ...rest] = intervals;
    const ruleArns = replay.ruleArns === undefined ? undefined : new Set(replay.ruleArns);
    for (const event of interval ?? []) {
      const replayed = toReplayed(event.json, replay.name, event.occurredAt, clock.now());
      send(replayed, replay.archive.busArn, ruleArns);
      replay.lastReplayedAt = event.occurredAt;
    }
    if (rest.length > 0) return void clock.schedule(0, () => sendNext(replay, rest));
    replay.state = 'COMPLETED';
    replay.endedAt = clock.now();
  };

  return {
    running,
    close() {
      isClosed = true;
    },
    operations: {
      StartReplay(input) {
        const replay = readReplay(input);
        if (replays.has(replay.name)) {
          throw new AwsError('ResourceAlreadyExistsException', `Replay ${replay.name} already exists.`);
        }
        if (running() >= MOST_RUNNING) {
          throw new AwsError('LimitExceededException', `${MOST_RUNNING} replays are running, the most allowed.`);
        }
        replays.set(replay.name, replay);
        clock.schedule(0, () => sendNext(replay, intervalsOf(replay, clock.now())));
        return { ReplayArn: replay.arn, State: 'STARTING', ReplayStartTime: replay.startedAt / 1000 };
      },
      ListReplays(input) {
        const prefix = optionalString(input, 'NamePrefix') ?? '';
        const [state, sourceArn] = [optionalString(input, 'State'), optionalString(input, 'EventSourceArn')];
        const found = [...replays.values()]
          .filter((replay) => replay.name.startsWith(prefix) && (state ?? replay.state) === replay.state)
          .filter(({ archive }) => sourceArn === undefined || archive.arn === sourceArn);
        const { items, ...more } = pageOf(input, found);
        return {
          Replays: items.map((replay) => {
            const { ReplayArn: _, Description: __, Destination: ___, ...listed } = describe(replay);
            return listed;
          }),
          ...more,
        };
      },
      DescribeReplay(input) {
        const name = requireString(input, 'ReplayName');
        const replay = replays.get(name);
        if (replay === undefined) {
          throw new AwsError('ResourceNotFoundException', `Replay ${name} does not exist.`);
        }
        return describe(replay);
      },
    },
  };
}

function readRange(input: JsonObject): Pick<Replay, 'fromMs' | 'toMs'> {
  const fromMs = optionalTimestampMs(input, 'EventStartTime');
  const toMs = optionalTimestampMs(input, 'EventEndTime');
  if (fromMs === undefined || toMs === undefined) {
    throw validationError('Parameter(s) EventStartTime and EventEndTime must be specified.');
  }
  if (fromMs >= toMs) {
    throw validationError('Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.');
  }
  return { fromMs, toMs };
}

function readRuleArns(input: JsonObject, archive: Archive, buses: Buses): readonly string[] | undefined {
  const destination = optionalObject(input, 'Destination') ?? {};
  if (buses.require(requireString(destination, 'Arn')).arn !== archive.busArn) {
    throw validationError('Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.');
  }
  const ruleArns = optionalStrings(destination, 'FilterArns');
  if (ruleArns === undefined || ruleArns.length === 0) return undefined;
  const known = new Set([...buses.require(archive.busArn).rules.values()].map((rule) => rule.arn));
  const unknown = ruleArns.find((arn) => !known.has(arn));
  if (unknown !== undefined) {
    throw validationError(
      `Parameter Destination.FilterArns is not valid. Reason: ${unknown} is no rule of ${archive.busArn}.`,
    );
  }
  return ruleArns;
}

function intervalsOf({ archive, fromMs, toMs }: Replay, now: EpochMs): readonly (readonly ArchivedEvent[])[] {
  const events = liveEvents(archive, now)
    .filter(({ occurredAt }) => occurredAt >= fromMs && occurredAt <= toMs)
    .toSorted((a, b) => a.occurredAt - b.occurredAt);
  return [...Map.groupBy(events, ({ occurredAt }) => Math.floor(occurredAt / INTERVAL_MS)).values()];
}

const describe = (replay: Replay) => ({
  ReplayName: replay.name,
  ReplayArn: replay.arn,
  Description: replay.description,
  State: replay.state,
  EventSourceArn: replay.archive.arn,
  Destination: { Arn: replay.archive.busArn, FilterArns: replay.ruleArns },
  EventStartTime: replay.fromMs / 1000,
  EventEndTime: replay.toMs / 1000,
  EventLastReplayedTime: inSeconds(replay.lastReplayedAt),
  ReplayStartTime: replay.startedAt / 1000,
  ReplayEndTime: inSeconds(replay.endedAt),
});

const inSeconds = (instant: EpochMs | undefined) => (instant === undefined ? undefined : instant / 1000);
