import { WaybillError } from '../../lib/definitions/waybill-error.ts';

/** The assembly holds something that the local run does not know, or cannot be updated to; nothing was touched. */
export class TemplateRefusedError extends WaybillError {
  readonly code = 'LOCAL_TEMPLATE_REFUSED';
  /** One line each, naming stack, logical id, type and property. */
  readonly problems: readonly string[];

  /** Paths of the constructs that the problems are about: what `--without` can leave out. */
  readonly constructs: readonly string[];

  constructor(
    problems: readonly string[],
    {
      what = 'the template cannot run locally',
      constructs = [],
    }: { what?: string; constructs?: readonly string[] } = {},
  ) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`${what}, ${count}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
    this.constructs = constructs;
  }
}

/** The folder is no cloud assembly that this run can read. */
export class AssemblyError extends WaybillError {
  readonly code = 'LOCAL_ASSEMBLY_INVALID';
}

/** How far a failed update was taken back: wholly, or as far as the rollback came. */
export interface Rollback {
  readonly state: 'ROLLBACK_COMPLETE' | 'UPDATE_ROLLBACK_COMPLETE' | 'UPDATE_ROLLBACK_FAILED';
  /** One line for each resource that did not go back, which is the third state. */
  readonly problems: readonly string[];
  /** What the update had made and the rollback did not delete, one line each, with the reason. */
  readonly undeleted: readonly string[];
}

/** An engine refused a resource whose properties the run knows; `cause` is the engine's own error. */
export class DeploymentError extends WaybillError {
  readonly code = 'LOCAL_DEPLOYMENT_FAILED';
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  /** Undefined when the first deployment failed: the run has ended. */
  readonly rollback: Rollback | undefined;
  /** Stacks that were updated before it, and stay so. */
  readonly updatedStacks: readonly string[];

  constructor(
    stackName: string,
    logicalId: string,
    type: string,
    cause: unknown,
    { rollback, updatedStacks = [] }: { rollback?: Rollback; updatedStacks?: readonly string[] } = {},
  ) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    const more = rollback === undefined ? [] : [describeRollback(stackName, rollback), describeStacks(updatedStacks)];
    super([`${stackName}/${logicalId} (${type}): ${reason}`, ...more].filter((part) => part !== '').join('; '), {
      cause,
    });
    this.stackName = stackName;
    this.logicalId = logicalId;
    this.type = type;
    this.rollback = rollback;
    this.updatedStacks = updatedStacks;
  }

  /** The same, once it is known which stacks were updated before. */
  after(updatedStacks: readonly string[]): DeploymentError {
    const { stackName, logicalId, type, cause, rollback } = this;
    return new DeploymentError(stackName, logicalId, type, cause, {
      updatedStacks,
      ...(rollback === undefined ? {} : { rollback }),
    });
  }
}

function describeRollback(stackName: string, { state, problems, undeleted }: Rollback): string {
  const left = undeleted.map((line) => `left behind: ${line}`);
  if (state !== 'UPDATE_ROLLBACK_FAILED')
    return [`stack ${stackName} is back at what it was before`, ...left].join('; ');
  return [`${state}: stack ${stackName} is partly updated and takes no update any more`, ...problems, ...left].join(
    '; ',
  );
}

const describeStacks = (stackNames: readonly string[]): string =>
  stackNames.length === 0 ? '' : `updated before it and so left, as cdk deploy does: ${stackNames.join(', ')}`;
