import { WaybillError } from '../../lib/contracts/waybill-error.ts';

/** The assembly holds something that the local run does not know; nothing was created. */
export class TemplateRefusedError extends WaybillError {
  readonly code = 'LOCAL_TEMPLATE_REFUSED';
  readonly retryable = false;
  /** One line each, naming stack, logical id, type and property. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`the template cannot run locally, ${count}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** The folder is no cloud assembly that this run can read. */
export class AssemblyError extends WaybillError {
  readonly code = 'LOCAL_ASSEMBLY_INVALID';
  readonly retryable = false;
}

/** An engine refused a resource whose properties the run knows; `cause` is the engine's own error. */
export class DeploymentError extends WaybillError {
  readonly code = 'LOCAL_DEPLOYMENT_FAILED';
  readonly retryable = false;
  readonly stackName: string;
  readonly logicalId: string;

  constructor(stackName: string, logicalId: string, type: string, cause: unknown) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super(`${stackName}/${logicalId} (${type}): ${reason}`, { cause });
    this.stackName = stackName;
    this.logicalId = logicalId;
  }
}
