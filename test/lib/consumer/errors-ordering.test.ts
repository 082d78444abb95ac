import { expect, it } from 'vitest';
import { CursorMovedError, CursorsUnreadError } from '../../../lib/consumer/errors.ts';

it.each([
  [
    new CursorMovedError('billing', 'order#1'),
    'CURSOR_MOVED',
    "another execution of 'billing' changed the cursor of group 'order#1' first; nothing was written",
  ],
  [
    new CursorsUnreadError('billing', 'cursors', 3, 8),
    'CURSORS_UNREAD',
    "3 cursors of 'billing' are missing from each of 8 answers: table 'cursors' is throttled; the messages are received again: if this continues, check the table's throttled requests",
  ],
])('%s says what happened, and that trying again helps', (error, code, message) => {
  expect(error).toMatchObject({ code, message });
});
