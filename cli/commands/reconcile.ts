import {
  DEFAULT_RECONCILE,
  oldestReconciledMs,
  openFindings,
  PENDING_PART,
  type ReconcilePass,
  type ReconcileRunReport,
  runReconciliation,
  type StoredFinding,
} from '../../lib/operations/index.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, defineCommand } from '../command.ts';
import { type ExitStatus, type Operation, tellJson } from '../operation.ts';
import { ageText, cellText, timeText } from '../wording.ts';

const MINUTE_MS = 60_000;
const DEFAULT_DEPLOYMENT_MINUTES = 60;

const VERBS = ['show', 'run'] as const;
const RUN_OPTIONS = ['continue', 'grace', 'deployment', 'confirm', 'rate'] as const;

interface ReconcileCommandOptions {
  readonly verb: (typeof VERBS)[number];
  /** Whether `run` continues the pass that is under way, and does not begin a new one. */
  readonly continues: boolean;
  readonly graceMs: number;
  readonly confirmAfterMs: number;
  readonly deploymentMs: number;
  readonly readUnitsPerSecond: number;
}

export const reconcileCommand = defineCommand({
  name: 'reconcile',
  usage:
    'reconcile [show] | reconcile run [--continue] [--grace MINUTES] [--deployment MINUTES] [--confirm SECONDS] [--rate N]',
  text: 'show what the reconciliation found, or reconcile the whole log with all consumers now',
  more: [
    'Every event of the log must be handled, skipped, or waiting in a place with a name, at each consumer that takes it. The',
    'hub looks once a day (reconcileWithin); run looks now, and saves how far it is: after Ctrl-C, run --continue goes on.',
    'Status 1 if something is unaccounted for. To send lost events again: audit --resend.',
  ],
  options: {
    continue: { text: 'run: go on with the pass that is under way, instead of beginning a new one' },
    grace: {
      value: 'MINUTES',
      text: `run: younger events may still be on their way, 0 to 10080 (default: ${DEFAULT_RECONCILE.graceMs / MINUTE_MS})`,
    },
    deployment: {
      value: 'MINUTES',
      text: `run: how long after its deployment a consumer's rule may have come, 0 to 1440 (default: ${DEFAULT_DEPLOYMENT_MINUTES})`,
    },
    confirm: {
      value: 'SECONDS',
      text: `run: wait before a loss is looked at again, 0 to 600 (default: ${DEFAULT_RECONCILE.confirmAfterMs / 1_000})`,
    },
    rate: {
      value: 'N',
      text: `run: read units per second, 1 to 100000 (default: ${DEFAULT_RECONCILE.readUnitsPerSecond})`,
    },
    ...COMMON,
  },
  rights: [
    { on: 'outbox', actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan'] },
    { on: 'pending', actions: ['dynamodb:BatchGetItem', 'dynamodb:Scan'] },
    { on: 'inbox', actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem'] },
    { on: 'cursors', actions: ['dynamodb:BatchGetItem'] },
    { on: 'queues', actions: ['sqs:GetQueueAttributes'] },
    { on: 'dead-letter-queues', actions: ['sqs:GetQueueAttributes'] },
    { on: 'undeliverable-queues', actions: ['sqs:GetQueueAttributes'] },
  ],
  words: 1,
  verbs: [...VERBS],
  read: readReconcile,
  run: reconcile,
});

function readReconcile(given: Arguments): ReconcileCommandOptions {
  const [word = 'show'] = given.positionals;
  const verb = VERBS.find((each) => each === word);
  if (verb === undefined) given.refuse(`reconcile needs one of ${VERBS.join(', ')}, got '${word}'`);
  if (verb === 'show') {
    for (const option of RUN_OPTIONS) if (given.has(option)) given.refuse(`--${option} is for reconcile run only`);
  }
  const minutes = (name: string, max: number) => given.number(name, { min: 0, max, whole: false });
  const seconds = given.number('confirm', { min: 0, max: 600, whole: false });
  const grace = minutes('grace', 10_080);
  return {
    verb: verb ?? 'show',
    continues: given.has('continue'),
    graceMs: grace === undefined ? DEFAULT_RECONCILE.graceMs : grace * MINUTE_MS,
    confirmAfterMs: seconds === undefined ? DEFAULT_RECONCILE.confirmAfterMs : seconds * 1_000,
    deploymentMs: (minutes('deployment', 1_440) ?? DEFAULT_DEPLOYMENT_MINUTES) * MINUTE_MS,
    readUnitsPerSecond:
      given.number('rate', { min: 1, max: 100_000, whole: false }) ?? DEFAULT_RECONCILE.readUnitsPerSecond,
  };
}

export async function reconcile(options: ReconcileCommandOptions, operation: Operation): Promise<ExitStatus> {
  return options.verb === 'show' ? show(operation) : run(options, operation);
}

async function show(operation: Operation): Promise<ExitStatus> {
  const { store } = operation.reconciliation({ readUnitsPerSecond: 1, deploymentMs: 0 });
  const [pass, findings] = await Promise.all([store.pass(), store.findings()]);
  if (pass === undefined) {
    operation.console.note(
      "nothing was reconciled yet: the hub's reconciler has not run, or the hub has none; 'waybill reconcile run' does it now",
    );
    return 1;
  }
  return tell(pass, findings, operation);
}

async function run(options: ReconcileCommandOptions, operation: Operation): Promise<ExitStatus> {
  const { console, reconciliation } = operation;
  const { graceMs, confirmAfterMs, continues } = options;
  const report: ReconcileRunReport = await runReconciliation(reconciliation(options), {
    graceMs,
    confirmAfterMs,
    until: continues ? 'end' : 'whole',
    passMs: 0,
    endsAt: Number.POSITIVE_INFINITY as EpochMs,
    onProgress: ({ position, parts, tally }) =>
      console.progress(
        `part ${position?.segment ?? PENDING_PART} of ${parts.length - 1}, ${tally.items} items, ${Math.ceil(tally.readUnits)} read units, ${tally.findings} found`,
      ),
  });
  if (report.kind === 'busy') {
    console.note(
      `the reconciler is working on the log, until ${timeText(report.until)} at the latest: run it again then`,
    );
    return 1;
  }
  if (report.kind === 'overtaken') {
    console.note('another run took over: see what it found with waybill reconcile show');
    return 1;
  }
  return tell(report.pass, report.findings, operation);
}

const HEADINGS = ['FOUND', 'CONSUMER', 'GROUP', 'PLACES', 'EVENTS', 'SINCE', 'EVENT', 'TYPE'];
const GROUP_WIDTH = 40;

function tell(
  pass: Omit<ReconcilePass, 'revision'>,
  findings: readonly StoredFinding[],
  operation: Operation,
): ExitStatus {
  const { console, clock, json, environmentName } = operation;
  const now = clock.now();
  const found = openFindings(pass);
  const oldestMs = oldestReconciledMs(pass, now);
  const { parts: _, heldUntil: __, since: ___, ...shown } = pass;
  if (json) {
    const facts = {
      environment: environmentName,
      ...shown,
      unaccounted: found,
      oldestReconciledMs: oldestMs,
      findings,
    };
    tellJson(operation, facts, 'findings');
    return found === 0 ? 0 : 1;
  }
  const rows = findings.map(({ kind, consumer = 'the log', group, from, to, events, at, event }) => [
    kind,
    consumer,
    cellText(group, GROUP_WIDTH, console),
    from === to ? String(from) : `${from} to ${to}`,
    String(events),
    timeText(at),
    event?.id ?? '',
    event?.type ?? '',
  ]);
  if (rows.length > 0) for (const row of columns([HEADINGS, ...rows])) console.line(row);
  if (rows.length > 0) console.line('');
  const { position, tally } = shown;
  const state = position === undefined ? 'finished' : `at part ${position.segment + 1} of ${position.segments}`;
  for (const line of columns([
    ['pass', `${pass.pass}, ${state}, begun ${ageText(pass.startedAt, now)} ago`],
    ['oldest', `each event was reconciled within the last ${ageText((now - oldestMs) as EpochMs, now)}`],
    ['read', `${tally.items} items, ${tally.groups} groups, ${Math.ceil(tally.readUnits)} read units`],
    ...Object.entries(tally.standings).flatMap(([standing, count]) => (count > 0 ? [[standing, String(count)]] : [])),
  ])) {
    console.line(line);
  }
  console.line(
    found === 0
      ? 'every event is accounted for'
      : `${found} not accounted for: see docs/runbook.md, Unaccounted; 'waybill audit --resend' sends lost events again`,
  );
  return found === 0 ? 0 : 1;
}
