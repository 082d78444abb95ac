import type { GroupLock } from '../sqs/fifo-order.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { RunFaults } from './run-faults.ts';

/**
 * How FIFO queues of a run lock their groups: the guide and what was recorded on AWS differ, and a system must be right
 * under both, so plans of odd seeds have the one and those of even seeds the other.
 */
export const groupLockOf = (faults: FaultPlan | RunFaults | undefined): GroupLock =>
  faults !== undefined && 'rules' in faults && faults.seed % 2 === 0 ? 'group' : 'behind';
