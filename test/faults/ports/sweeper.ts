import type { OutboxLog, PendingTable } from '../../../lib/sweeper/ports.ts';
import type { Execution } from '../execution.ts';

/** The pending table as the sweeper reaches it: a page is an I/O step. */
export const reachPendingTable = (table: PendingTable, execution: Execution): PendingTable => ({
  async *pages(signal) {
    for await (const page of table.pages(signal)) yield await execution.call('scan markers', () => page);
  },
});

export const reachOutboxLog = (log: OutboxLog, execution: Execution): OutboxLog => ({
  read: (keys, signal) =>
    execution.call('read events', () => log.read(keys, signal), {
      partial: async () => {
        const entries = await log.read(keys, signal);
        return entries.map((entry, index) => (index % 2 === 0 ? { status: 'unread' } : entry));
      },
    }),
});
