import type { FailureNotes } from '../../../lib/consumer/index.ts';
import type { Execution } from '../execution.ts';

export const reachNotes = (notes: FailureNotes, execution: Execution): FailureNotes => ({
  record: (note) => execution.call('note', () => notes.record(note)),
  resolve: (subject) => execution.call('resolve note', () => notes.resolve(subject)),
  find: (subject) => execution.call('find note', () => notes.find(subject)),
});
