import {
  type FailureIndex,
  type FailureNote,
  type FailureNotes,
  fingerprintOf,
  type NotedFailures,
} from '../consumer/index.ts';
import type { Clock } from '../shared/time.ts';

/** Notes for tests, with their index. */
export function createInMemoryFailureNotes(
  clock: Clock,
): FailureNotes & NotedFailures & { readonly all: () => readonly FailureNote[]; readonly index: FailureIndex } {
  const notes = new Map<string, FailureNote>();
  return {
    async record(failure) {
      const now = clock.now();
      const firstAt = notes.get(failure.subject)?.firstAt ?? now;
      const stored: FailureNote = { ...failure, ...fingerprintOf(failure), firstAt, lastAt: now };
      // an item has no undefined attributes
      const present = Object.entries(stored).filter(([, value]) => value !== undefined);
      notes.set(failure.subject, Object.fromEntries(present) as unknown as FailureNote);
    },
    async resolve(subject) {
      const note = notes.get(subject);
      if (note === undefined || note.resolvedAt !== undefined) return;
      notes.set(subject, { ...note, resolvedAt: clock.now() });
    },
    find: async (subject) => notes.get(subject),
    among: async (subjects) => [...new Set(subjects)].flatMap((subject) => notes.get(subject) ?? []),
    all: () => [...notes.values()],
    index: {
      async *list(fingerprint) {
        const listed = [...notes.values()]
          .filter((note) => note.resolvedAt === undefined)
          .filter((note) => fingerprint === undefined || note.fingerprint === fingerprint)
          .map(({ message: _, stackHead: __, unknownSince: ___, ...indexed }) => indexed);
        if (listed.length > 0) yield listed;
      },
    },
  };
}
