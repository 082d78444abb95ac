import { BATCH_GET_MAX_KEYS } from '../definitions/index.ts';
import { type EventKey, type EventRecord, keyText } from '../outbox/event-record.ts';
import type { LogEntry, OutboxLog } from '../outbox/sweeper/ports.ts';

export interface InMemoryOutboxLog extends OutboxLog {
  /** Every request. */
  readonly requests: readonly (readonly EventKey[])[];
}

export interface InMemoryOutboxLogProps {
  readonly events: readonly EventRecord[];
  /** Whether a request leaves a key unprocessed. @default - never */
  readonly unprocessed?: (key: EventKey, request: number) => boolean;
}

/** Events in memory, with BatchGetItem's rules. */
export function createInMemoryOutboxLog({ events, unprocessed }: InMemoryOutboxLogProps): InMemoryOutboxLog {
  const byName = new Map(events.map((event) => [keyText(event), event]));
  const requests: (readonly EventKey[])[] = [];
  return {
    requests,
    async read(keys, signal) {
      signal.throwIfAborted();
      const request = requests.push(keys) - 1;
      if (keys.length < 1 || keys.length > BATCH_GET_MAX_KEYS) {
        throw validationError(`a batch must have 1 to ${BATCH_GET_MAX_KEYS} keys, got ${keys.length}`);
      }
      if (new Set(keys.map(keyText)).size < keys.length) {
        throw validationError('Provided list of item keys contains duplicates');
      }
      return keys.map((key): LogEntry => {
        if (unprocessed?.(key, request) === true) return { status: 'unread' };
        const event = byName.get(keyText(key));
        return event === undefined ? { status: 'gone' } : { status: 'found', item: { kind: 'event', event } };
      });
    },
  };
}

const validationError = (message: string): Error => Object.assign(new Error(message), { name: 'ValidationException' });
