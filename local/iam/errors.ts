import { WaybillError } from '../../lib/definitions/waybill-error.ts';

/** A policy says something that the run cannot decide by; passing over it would allow or deny too much. */
export class PolicyRefusedError extends WaybillError {
  readonly code = 'LOCAL_POLICY_REFUSED';
  readonly policyName: string;
  /** One sentence each, naming the statement. */
  readonly problems: readonly string[];

  constructor(policyName: string, problems: readonly string[]) {
    super(`policy '${policyName}' cannot be enforced locally: ${problems.join('; ')}`);
    this.policyName = policyName;
    this.problems = problems;
  }
}
