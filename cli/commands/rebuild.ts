import type { FailedGroup, RebuildJob, RebuildStatus } from '../../lib/projection/index.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, defineCommand } from '../command.ts';
import type { CommandConsole } from '../console.ts';
import type { ExitStatus, Operation } from '../operation.ts';
import { ageText, cellText, jsonText, reasonText, timeText } from '../wording.ts';

export interface RebuildOptions {
  readonly projection: string;
  readonly mode: 'run' | 'status' | 'abort';
  readonly acceptHorizon: boolean;
  readonly acceptFailed: boolean;
}

export const rebuildCommand = defineCommand({
  name: 'rebuild',
  usage: 'rebuild PROJECTION [--status | --abort] [--accept-horizon] [--accept-failed]',
  text: 'rebuild the view of a projection from the log while the old one serves, then switch',
  more: [
    'Safe to interrupt: the same command continues the rebuild. New events go into both views. Reads the whole log once,',
    '262,000 read units, 0.033 USD, per GiB, and needs two more reads and some writes per group. Events that the log no',
    'longer holds are not in the new view.',
  ],
  options: {
    status: { text: 'only show which generation serves, and the progress of a rebuild' },
    abort: { text: 'stop the rebuild, and delete what it has built' },
    'accept-horizon': { text: 'rebuild it although the log no longer holds events that the old view contains' },
    'accept-failed': { text: 'switch although some groups failed before their last event' },
    ...COMMON,
  },
  words: 1,
  rights: [{ on: 'rebuild-functions', actions: ['lambda:InvokeFunction'] }],
  read: readRebuild,
  run: rebuild,
});

function readRebuild(given: Arguments): RebuildOptions {
  const [projection = ''] = given.positionals;
  if (projection === '') given.refuse('rebuild needs the name of a projection: rebuild PROJECTION');
  const modes = (['status', 'abort'] as const).filter((mode) => given.has(mode));
  if (modes.length > 1) given.refuse('--status and --abort exclude each other: give one of them');
  return {
    projection,
    mode: modes[0] ?? 'run',
    acceptHorizon: given.has('accept-horizon'),
    acceptFailed: given.has('accept-failed'),
  };
}

/** Interval at which progress is shown. An invocation of the function may take longer. */
const STEP_MS = 5_000;

/** Maximum number of failed groups that a terminal shows; --json has all. */
const SHOWN_FAILED = 20;
const REASON_MAX_LENGTH = 160;

export async function rebuild(options: RebuildOptions, operation: Operation): Promise<ExitStatus> {
  const { console, json } = operation;
  const status = await run(options, operation);
  if (json) console.line(jsonText(status));
  else for (const line of statusText(status, operation)) console.line(line);
  return options.mode === 'run' && status.job?.outcome !== 'switched' ? 1 : 0;
}

async function run(options: RebuildOptions, operation: Operation): Promise<RebuildStatus> {
  const { projection, mode, acceptHorizon, acceptFailed } = options;
  if (mode === 'status') return operation.rebuild(projection, { action: 'status' });
  let status = await operation.rebuild(
    projection,
    mode === 'abort' ? { action: 'abort' } : { action: 'start', acceptHorizon },
  );
  while (status.job !== undefined && status.job.phase !== 'done') {
    operation.console.progress(progressText(projection, status.job));
    status = await operation.rebuild(projection, { action: 'advance', forMs: STEP_MS, acceptFailed });
    if (status.job?.phase === 'blocked') break;
  }
  return status;
}

const progressText = (projection: string, { phase, generation, groups, events, deletedItems }: RebuildJob): string =>
  phase === 'cleaning'
    ? `${projection}: ${deletedItems} items of other generations deleted`
    : `${projection}: generation ${generation}, ${groups} groups, ${events} events`;

function statusText(
  { projection, version, serving, job, failed }: RebuildStatus,
  { clock, console }: Pick<Operation, 'clock' | 'console'>,
): readonly string[] {
  const now = clock.now();
  const facts = [
    ['projection', `${projection}, code of version ${version}`],
    ['serving', `generation ${serving.generation}, made by version ${serving.version}`],
    ...(serving.incomplete === undefined ? [] : [['', `it does not answer queries, because ${serving.incomplete}`]]),
    ['rebuild', job === undefined ? 'never' : jobText(job, now)],
    ...(job === undefined ? [] : [['visited', visitedText(job)]]),
  ];
  return [...columns(facts), ...truncatedText(job), ...failedText(failed, projection, console)];
}

function jobText({ phase, outcome, generation, ...job }: RebuildJob, now: EpochMs): string {
  const at = (instant: string | undefined): EpochMs => Date.parse(instant ?? '') as EpochMs;
  const begun = `started ${ageText(at(job.startedAt), now)} ago`;
  switch (phase) {
    case 'building':
    case 'closing':
      return `generation ${generation} is being built, ${begun}`;
    case 'blocked':
      return `generation ${generation} is built, except for the groups below, ${begun}`;
    case 'cleaning':
      return outcome === 'switched'
        ? `generation ${generation} serves since ${timeText(at(job.switchedAt))}; the old one is being deleted`
        : `generation ${generation} was aborted and is being deleted`;
    case 'done':
      return outcome === 'switched'
        ? `generation ${generation} serves since ${timeText(at(job.switchedAt))}; ${job.deletedItems} items of the old one are deleted`
        : `generation ${generation} was aborted and is deleted`;
  }
}

const visitedText = ({ groups, events, readUnits }: RebuildJob): string =>
  `${groups} groups, ${events} events, ${Math.ceil(readUnits)} read units for the scan`;

const truncatedText = (job: RebuildJob | undefined): readonly string[] =>
  job === undefined || job.truncatedGroups === 0
    ? []
    : [`${job.truncatedGroups} groups have lost their first events: the view shows only the later ones`];

function failedText(
  failed: readonly FailedGroup[],
  projection: string,
  console: Pick<CommandConsole, 'isTerminal'>,
): readonly string[] {
  if (failed.length === 0) return [];
  return [
    '',
    ...columns(
      failed
        .slice(0, console.isTerminal ? SHOWN_FAILED : failed.length)
        .map(({ group, ...reason }) => [group, cellText(reasonText(reason), REASON_MAX_LENGTH, console)]),
    ),
    '',
    `fix the code, raise its version and deploy it; then start rebuild ${projection} again. Or switch without the last events of these groups: --accept-failed`,
  ];
}
