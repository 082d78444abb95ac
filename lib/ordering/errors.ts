import { WaybillError } from '../contracts/index.ts';
import type { MissingPlaces } from './expired-places.ts';

/** Another execution moved the group's cursor first. Nothing was written. */
export class CursorMovedError extends WaybillError {
  readonly code = 'CURSOR_MOVED';

  constructor(consumer: string, group: string) {
    super(`another execution of '${consumer}' was first in group '${group}'; nothing was written`);
  }
}

/** DynamoDB left cursors out of its answers, as it does with what a throttled table cannot read. */
export class CursorsUnreadError extends WaybillError {
  readonly code = 'CURSORS_UNREAD';

  constructor(consumer: string, tableName: string, unread: number, reads: number) {
    super(
      `${unread} cursors of '${consumer}' are missing from each of ${reads} answers: table '${tableName}' is throttled; the messages come again: if it lasts, look at the table's throttled requests`,
    );
  }
}

/**
 * Events that must be in the log are not shown by it, however often it is read: nothing behind them may be handled. The
 * event at hand waits, and is no dead letter for it.
 */
export class LogHoleError extends WaybillError {
  readonly code = 'LOG_HOLE';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 5;
  readonly group: string;
  readonly places: MissingPlaces;

  constructor(group: string, places: MissingPlaces) {
    super(
      `the log does not show ${placesText(places)} of group '${group}', which retention cannot have taken: nothing behind is handled until it does; if the events are lost, mark their places with: npm run waybill -- fill`,
    );
    this.group = group;
    this.places = places;
  }
}

const placesText = ({ from, to }: MissingPlaces): string => (from === to ? `event ${from}` : `events ${from} to ${to}`);
