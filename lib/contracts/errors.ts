import { WaybillError } from './waybill-error.ts';

/** A definition (event, subscription) contradicts itself or the services' rules. */
export class ContractError extends WaybillError {
  readonly code = 'CONTRACT_INVALID';
  readonly problems: readonly string[];

  constructor(subject: string, problems: readonly string[]) {
    super(`${subject} is not well defined: ${problems.join('; ')}`);
    this.problems = problems;
  }
}
