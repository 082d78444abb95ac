import type { FailureNote, FailureNotes } from '../consumer/index.ts';
import type { Clock } from '../shared/time.ts';

/** Notes for tests. */
export function createInMemoryFailureNotes(
  clock: Clock,
): FailureNotes & { readonly all: () => readonly FailureNote[] } {
  const notes = new Map<string, FailureNote>();
  return {
    async record(note) {
      const now = clock.now();
      notes.set(note.subject, { ...note, firstAt: notes.get(note.subject)?.firstAt ?? now, lastAt: now });
    },
    find: async (subject) => notes.get(subject),
    all: () => [...notes.values()],
  };
}
