/** Items that one transaction changes: it takes 100 actions, with the position and the guards of the event at work. */
export const DRAFT_MAX_WRITES = 90;
