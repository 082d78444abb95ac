import {
  type MigratedSaga,
  newestOf,
  ownMember,
  type SagaDefinition,
  type SagaStep,
  type SagaVersions,
  versionsOf,
} from '../contracts/index.ts';
import { SagaMigrationError, SagaVersionUnknownError } from './errors.ts';
import {
  type SagaStatus,
  type SagaTimer,
  STEP_PHASES,
  type StepPhase,
  type StepProgress,
  timersOf,
} from './machine/saga-state.ts';
import type { SagaRecord } from './saga-record.ts';

/** An instance, and the declaration that it goes by. */
export interface SettledSaga {
  readonly definition: SagaDefinition;
  readonly record: SagaRecord;
  readonly migration: SagaMigrated | undefined;
}

/** What an instance was before its migration. */
export interface SagaMigrated {
  readonly from: number;
  /** What it waited for: those timers are out there. */
  readonly timers: readonly SagaTimer[];
}

/**
 * An instance goes on with its own version where that is registered; else the newest one's migrations bring it there.
 * @throws SagaVersionUnknownError `SAGA_VERSION_UNKNOWN`
 * @throws SagaMigrationError `SAGA_MIGRATION_INVALID`
 */
export function settleVersion(saga: SagaVersions, record: SagaRecord): SettledSaga {
  const versions = versionsOf(saga);
  const own = versions.find(({ version }) => version === record.version);
  if (own !== undefined) return { definition: own, record, migration: undefined };
  const newest = newestOf(saga);
  if (newest.migrations[record.version] === undefined) {
    const known = versions.map(({ version }) => version).toSorted((a, b) => a - b);
    throw new SagaVersionUnknownError(newest.name, record.sagaId, record.version, known);
  }
  const migration = { from: record.version, timers: timersOf(record) };
  return { definition: newest, record: migrate(newest, record), migration };
}

function migrate(newest: SagaDefinition, record: SagaRecord): SagaRecord {
  let migrated: MigratedSaga = { data: record.data, steps: record.steps };
  for (let version = record.version; version < newest.version; version++) {
    migrated = newest.migrations[version]?.(migrated) ?? migrated;
  }
  const steps: Record<string, StepProgress> = {};
  const problems: string[] = [];
  for (const [name, progress] of Object.entries(migrated.steps)) {
    if (progress === undefined) continue;
    const settled = settledProgress({ since: record.revision, ...progress });
    if (settled !== undefined) steps[name] = settled;
    else problems.push(`step '${name}' has no progress that can be: got ${JSON.stringify(progress)}`);
  }
  problems.push(...statusProblems(record.status, steps), ...compensationProblems(newest, steps));
  const names = newest.stages.flat().map(({ name }) => name);
  const foreign = Object.keys(steps).filter((name) => !names.includes(name));
  if (foreign.length > 0) {
    problems.push(`version ${newest.version} has no step '${foreign.join("', '")}': it has '${names.join("', '")}'`);
  }
  const isAsked = ({ name }: SagaStep): boolean => ownMember(migrated.steps, name) !== undefined;
  const stage = Math.max(
    newest.stages.findLastIndex((each) => each.some(isAsked)),
    0,
  );
  const unasked = (newest.stages[stage] ?? []).filter((step) => !isAsked(step));
  if (record.status === 'running' && unasked.length > 0) {
    problems.push(
      `step '${unasked.map(({ name }) => name).join("', '")}' is side by side with what is under way and was never asked for: give it the phase 'done', or a stage of its own`,
    );
  }
  if (problems.length > 0) {
    throw new SagaMigrationError(newest.name, record.sagaId, record.version, newest.version, problems);
  }
  return { ...record, version: newest.version, data: migrated.data, steps, stage };
}

/** What the machine never makes, and would not go on from. */
function statusProblems(status: SagaStatus, steps: Readonly<Record<string, StepProgress>>): readonly string[] {
  const isForward = status === 'running' || status === 'completed';
  return Object.entries(steps)
    .filter(([, { phase }]) => (isForward ? phase !== 'requested' && phase !== 'done' : phase === 'requested'))
    .map(([name, { phase }]) => `step '${name}' cannot be ${phase}, since the saga is ${status}`);
}

const UNDOING: ReadonlySet<unknown> = new Set<StepPhase>([
  'compensating',
  'compensation-delayed',
  'compensation-failed',
]);

/** Nothing would answer what is being undone, and no operator's retry help it. */
const compensationProblems = (
  { version, stages }: SagaDefinition,
  steps: Readonly<Record<string, StepProgress>>,
): readonly string[] =>
  stages.flat().flatMap(({ name, compensation }) => {
    const phase = ownMember(steps, name)?.phase;
    if (compensation !== undefined || !UNDOING.has(phase)) return [];
    return [
      `step '${name}' cannot be ${phase}, since version ${version} has no compensation for it: give it the phase 'compensated', or a compensation`,
    ];
  });

function settledProgress(progress: Readonly<Record<string, unknown>>): StepProgress | undefined {
  const { phase, attempt, dueAtSeconds } = progress;
  if (!STEP_PHASES.some((each) => each === phase)) return undefined;
  const waits = phase === 'requested' || phase === 'compensating' || phase === 'compensation-delayed';
  if (waits && !(Number.isSafeInteger(attempt) && Number.isSafeInteger(dueAtSeconds))) return undefined;
  const checked: unknown = progress;
  return checked as StepProgress;
}
