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
      const firstAt = notes.get(note.subject)?.firstAt ?? now;
      const stored = { ...note, firstAt, lastAt: now };
      // an item has no undefined attributes
      if (stored.thrownAt === undefined) delete stored.thrownAt;
      if (stored.unknownSince === undefined) delete stored.unknownSince;
      notes.set(note.subject, stored);
    },
    find: async (subject) => notes.get(subject),
    all: () => [...notes.values()],
  };
}
