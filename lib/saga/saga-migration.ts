import {
  type MigratedSaga,
  newestOf,
  ownMember,
  type SagaDefinition,
  type SagaStep,
  type SagaVersions,
  versionsOf,
} from '../definitions/index.ts';
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

/** An instance, with the version of the declaration that it continues with. */
export interface MigratedRecord {
  readonly definition: SagaDefinition;
  readonly record: SagaRecord;
  readonly migration: AppliedMigration | undefined;
}

/** The version and the timers of an instance before its migration. */
export interface AppliedMigration {
  readonly from: number;
  /** The timers that were started before the migration. */
  readonly timers: readonly SagaTimer[];
}

/**
 * Returns the instance unchanged if its version is registered. Otherwise migrates it to the newest version.
 * @throws SagaVersionUnknownError `SAGA_VERSION_UNKNOWN`
 * @throws SagaMigrationError `SAGA_MIGRATION_INVALID`
 */
export function migrateSaga(saga: SagaVersions, record: SagaRecord): MigratedRecord {
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
    const migrated = validProgress({ since: record.revision, ...progress });
    if (migrated !== undefined) steps[name] = migrated;
    else problems.push(`step '${name}' has a progress that is not valid, got ${JSON.stringify(progress)}`);
  }
  problems.push(...statusProblems(record.status, steps), ...compensationProblems(newest, steps));
  const names = newest.stages.flat().map(({ name }) => name);
  const foreign = Object.keys(steps).filter((name) => !names.includes(name));
  if (foreign.length > 0) {
    problems.push(
      `version ${newest.version} has no step '${foreign.join("', '")}': its steps are '${names.join("', '")}'`,
    );
  }
  const isRequested = ({ name }: SagaStep): boolean => ownMember(migrated.steps, name) !== undefined;
  const stage = Math.max(
    newest.stages.findLastIndex((each) => each.some(isRequested)),
    0,
  );
  const unrequested = (newest.stages[stage] ?? []).filter((step) => !isRequested(step));
  if (record.status === 'running' && unrequested.length > 0) {
    problems.push(
      `step '${unrequested.map(({ name }) => name).join("', '")}' is in the current stage but was never requested: give it the phase 'done', or move it to a stage of its own`,
    );
  }
  if (problems.length > 0) {
    throw new SagaMigrationError(newest.name, record.sagaId, record.version, newest.version, problems);
  }
  return { ...record, version: newest.version, data: migrated.data, steps, stage };
}

/** Reports phases that do not fit the status. */
function statusProblems(status: SagaStatus, steps: Readonly<Record<string, StepProgress>>): readonly string[] {
  const isForward = status === 'running' || status === 'completed';
  return Object.entries(steps)
    .filter(([, { phase }]) => (isForward ? phase !== 'requested' && phase !== 'done' : phase === 'requested'))
    .map(([name, { phase }]) => `step '${name}' cannot be ${phase} while the saga is ${status}`);
}

const UNDOING: ReadonlySet<unknown> = new Set<StepPhase>([
  'compensating',
  'compensation-delayed',
  'compensation-failed',
]);

/** Reports steps that are being compensated but have no compensation, so that they would never end. */
const compensationProblems = (
  { version, stages }: SagaDefinition,
  steps: Readonly<Record<string, StepProgress>>,
): readonly string[] =>
  stages.flat().flatMap(({ name, compensation }) => {
    const phase = ownMember(steps, name)?.phase;
    if (compensation !== undefined || !UNDOING.has(phase)) return [];
    return [
      `step '${name}' cannot be ${phase}, because version ${version} has no compensation for it: give it the phase 'compensated', or a compensation`,
    ];
  });

function validProgress(progress: Readonly<Record<string, unknown>>): StepProgress | undefined {
  const { phase, attempt, dueAtSeconds } = progress;
  if (!STEP_PHASES.some((each) => each === phase)) return undefined;
  const waits = phase === 'requested' || phase === 'compensating' || phase === 'compensation-delayed';
  if (waits && !(Number.isSafeInteger(attempt) && Number.isSafeInteger(dueAtSeconds))) return undefined;
  const checked: unknown = progress;
  return checked as StepProgress;
}
