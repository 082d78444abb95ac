import type { LogReader, SkipLedger } from '../../../lib/operations/index.ts';
import type { Execution } from '../execution.ts';

/** The ports of lib/operations as a command reaches them. */
export const reachLogReader = (log: LogReader, execution: Execution): LogReader => ({
  find: (place) => execution.call('find event', () => log.find(place)),
  findById: (group, id) => execution.call('find event by id', () => log.findById(group, id)),
  last: (group, after, takes) => execution.call('find last event', () => log.last(group, after, takes)),
  count: (group, after, upTo, takes) => execution.call('count events', () => log.count(group, after, upTo, takes)),
});

export const reachSkips = (ledger: SkipLedger, execution: Execution): SkipLedger => ({
  commit: (move, record) => execution.call('commit skip', () => ledger.commit(move, record)),
  find: (place, generation) => execution.call('find skip', () => ledger.find(place, generation)),
});
