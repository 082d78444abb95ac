import {
  endOfStage,
  type FailureFilter,
  type FailureKind,
  type NoOpReason,
  type RedrivePlan,
  type RedriveRun,
  type RedriveStop,
  type RedriveTerms,
  type RunEntry,
  type StoredRun,
} from '../../lib/operations/index.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import { columns } from '../../local/view/columns.ts';
import type { CommandConsole } from '../console.ts';
import { ageText, cellText, timeText } from '../wording.ts';

const NO_OPS: Readonly<Record<NoOpReason, string>> = {
  'no-event': 'messages hold no event',
  'place-unknown': 'were noted by an older release, without their place in the log',
  retried: 'are retried by themselves',
  deferred: 'wait for something else and are retried by themselves',
  handled: 'were handled or skipped meanwhile',
  behind: 'wait for an earlier event of their group',
  paused: 'are in a paused group',
  gone: 'are no longer in the log',
  misplaced: 'have a place where the log has another event',
  'not-taken': 'have a type that the deployed consumer does not take',
  'in-another-run': 'are in another run',
};

/** @param before put in front, if there is any */
export function noOpsText(noOps: RedriveRun['leftOut'], before = ''): string {
  const parts = (Object.entries(noOps) as [NoOpReason, number][]).map(
    ([reason, count]) => `${count} ${NO_OPS[reason]}`,
  );
  return parts.length === 0 ? '' : before + parts.join('; ');
}

const kindText = ({ fingerprint, code, pattern }: FailureKind): string =>
  `${code}${pattern === undefined ? '' : `: ${pattern}`}${fingerprint === undefined ? '' : ` (${fingerprint})`}`;

const percentText = (ratio: number): string => `${Math.round(ratio * 1_000) / 10} %`;

/** Small amounts need more digits. */
const usdText = (usd: number): string => `${usd < 0.01 ? usd.toFixed(6) : usd.toFixed(2)} USD`;

const secondsText = (ms: number): string => {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
};

export function planText(plan: RedrivePlan, terms: RedriveTerms): readonly string[] {
  const { consumer, matched, canGo, noOps, behind, isCut, kinds, stages, sendingMs, usd } = plan;
  const follow = behind === 0 ? '' : `; ${behind} later places of their groups follow by themselves`;
  return columns([
    ['consumer', consumer],
    ['match', isCut ? `more than ${matched}: the others need another run` : String(matched)],
    ['can go', `${canGo}${follow}`],
    ...kinds.map((kind) => ['', `${kind.count}  ${kindText(kind)}`]),
    ...(matched === canGo ? [] : [['no-ops', noOpsText(noOps)]]),
    ...(canGo === 0
      ? []
      : [
          ['stages', stages.join(', ')],
          ['stops', `above ${percentText(terms.maxFailedRatio)} of a stage that fails again for one cause`],
          [
            'takes',
            `${secondsText(sendingMs)} for sending, ${terms.eventsPerSecond} per second; each stage waits for its outcome`,
          ],
          ['costs', `about ${usdText(usd)}`],
        ]),
  ]);
}

const OUTCOMES = [
  ['handled', 'handled'],
  ['skipped', 'skipped'],
  ['failed', 'failed again'],
  ['waiting', 'waiting'],
  ['no-op', 'left alone'],
] as const;

function outcomesText({ tally: { outcomes } }: RedriveRun): string {
  const open = outcomes.open + outcomes.sending;
  const parts = OUTCOMES.filter(([outcome]) => outcomes[outcome] > 0).map(
    ([outcome, text]) => `${outcomes[outcome]} ${text}`,
  );
  return [...parts, ...(open === 0 ? [] : [`${open} not sent`])].join(', ');
}

/** @param stage from 0 */
export function stageText(run: RedriveRun, stage: number): string {
  const end = run.stage > stage ? run.stageFrom : endOfStage(run);
  return `stage ${stage + 1}, up to event ${end} of ${run.total}: ${outcomesText(run)}`;
}

const filterText = ({ fingerprint, type, tenantId, group, state, before }: FailureFilter): string => {
  const parts = [
    ['fingerprint', fingerprint],
    ['type', type],
    ['tenant', tenantId],
    ['group', group],
    ['state', state],
    ['failed first before', before && timeText(before)],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
  return parts.length === 0 ? 'everything that fails' : parts.join(', ');
};

function stopText(stop: RedriveStop): string {
  switch (stop.kind) {
    case 'asked':
      return `by ${stop.by}${stop.reason === undefined ? '' : `: ${stop.reason}`}`;
    case 'failing':
      return `${stop.failed} of ${stop.settled} events of the stage failed again: ${kindText(stop)}`;
    case 'unsettled':
      return `${stop.waiting} events were sent and nothing has happened to them; see where, and whether the consumer runs`;
  }
}

function statusText({ run, driver, stopRequest }: StoredRun, now: EpochMs): string {
  if (run.stop !== undefined && run.status === 'stopped') return `stopped: ${stopText(run.stop)}`;
  if (run.status !== 'running') return run.status;
  const isDriven = driver !== undefined && driver.until >= now;
  const who = isDriven ? `driven by ${driver.name}` : `driven by nobody: continue it with redrive resume ${run.id}`;
  const asked = stopRequest === undefined ? '' : `, and asked by ${stopRequest.by} to stop`;
  return `running in stage ${run.stage + 1}, ${who}${asked}`;
}

function tidiedText(tidied: NonNullable<RedriveRun['tidied']>): string {
  return tidied.kind === 'failed'
    ? `was not tidied: ${tidied.problem}`
    : `${tidied.deleted} copies of handled events were deleted, ${tidied.left} messages are left`;
}

const entryText = ({ what, at, by, reason }: RunEntry): string =>
  `${timeText(at)} ${what} by ${by}${reason === undefined ? '' : `: ${reason}`}`;

/** The report of a run. */
export function runText(stored: StoredRun, now: EpochMs): readonly string[] {
  const { run } = stored;
  const { tally, leftOut, tidied } = run;
  const noOps = noOpsText(tally.noOps);
  const left = noOpsText(leftOut);
  return columns([
    ['run', run.id],
    ['consumer', `${run.consumer}, ${filterText(run.filter)}`],
    ['status', statusText(stored, now)],
    ['events', `${run.total}: ${outcomesText(run)}`],
    ...tally.failures.map((kind) => [
      'failed',
      `${kind.count}  ${kindText(kind)}, ${kind.asBefore === 0 ? 'another cause than before' : `${kind.asBefore} as before`}`,
    ]),
    ...(noOps === '' ? [] : [['left alone', noOps]]),
    ...(left === '' ? [] : [['not taken', left]]),
    ...(tidied === undefined ? [] : [['DLQ', tidiedText(tidied)]]),
    ...run.history.map((entry, at) => [at === 0 ? 'history' : '', entryText(entry)]),
  ]);
}

export const RUNS_HEADINGS = [
  'RUN',
  'CONSUMER',
  'STATUS',
  'EVENTS',
  'HANDLED',
  'FAILED',
  'WAITING',
  'NOT SENT',
  'SINCE',
  'BY',
  'REASON',
];

const REASON_WIDTH = 40;

export function runRow(
  { run, driver }: StoredRun,
  now: EpochMs,
  console: Pick<CommandConsole, 'isTerminal'>,
): readonly string[] {
  const { outcomes } = run.tally;
  const isAbandoned = run.status === 'running' && (driver === undefined || driver.until < now);
  return [
    run.id,
    run.consumer,
    isAbandoned ? 'abandoned' : run.status,
    String(run.total),
    ...[outcomes.handled + outcomes.skipped, outcomes.failed, outcomes.waiting, outcomes.open + outcomes.sending].map(
      String,
    ),
    ageText(run.at, now),
    run.by,
    cellText(run.reason, REASON_WIDTH, console),
  ];
}
