import { WaybillError } from '../../lib/definitions/index.ts';

/** The stacks do not show where events are kept, or who takes them. */
export class TopologyError extends WaybillError {
  readonly code = 'LOCAL_TOPOLOGY_INCOMPLETE';
}
