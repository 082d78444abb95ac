import type { FailureNote, FailureNotes, FailureReason } from '../consumer/index.ts';

/** Where in the user's own code the failure came from, if the note is about this failure. */
export const thrownAtIn = (note: FailureNote | undefined, { code, message }: FailureReason): string | undefined =>
  note?.code === code && note.message === message ? note.thrownAt : undefined;

/** The same for a group that an event blocks: the cursor has the reason, the event's note has the place. */
export const thrownAtOf = async (
  eventId: string | undefined,
  reason: FailureReason,
  notes: Pick<FailureNotes, 'find'>,
): Promise<string | undefined> => (eventId === undefined ? undefined : thrownAtIn(await notes.find(eventId), reason));
