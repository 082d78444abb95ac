import { BATCH_GET_MAX_KEYS } from '../contracts/index.ts';
import type { OutboxEvent } from '../event/index.ts';
import type { EventKey } from '../relay/index.ts';
import type { LogEntry, OutboxLog } from './ports.ts';

export interface InMemoryOutboxLog extends OutboxLog {
  /** Every request as it came. */
  readonly requests: readonly (readonly EventKey[])[];
}

export interface InMemoryOutboxLogProps {
  readonly events: readonly OutboxEvent[];
  /** Whether a request leaves a key unprocessed. @default - never */
  readonly unprocessed?: (key: EventKey, request: number) => boolean;
}

/** Events in memory, with BatchGetItem's rules. */
export function createInMemoryOutboxLog({ events, unprocessed }: InMemoryOutboxLogProps): InMemoryOutboxLog {
  const byName = new Map(events.map((event) => [nameOf(event), event]));
  const requests: (readonly EventKey[])[] = [];
  return {
    requests,
    async read(keys, signal) {
      signal.throwIfAborted();
      const request = requests.push(keys) - 1;
      if (keys.length < 1 || keys.length > BATCH_GET_MAX_KEYS) {
        throw validationError(`a batch must have 1 to ${BATCH_GET_MAX_KEYS} keys, got ${keys.length}`);
      }
      if (new Set(keys.map(nameOf)).size < keys.length) {
        throw validationError('Provided list of item keys contains duplicates');
      }
      return keys.map((key): LogEntry => {
        if (unprocessed?.(key, request) === true) return { status: 'unread' };
        const event = byName.get(nameOf(key));
        return event === undefined ? { status: 'gone' } : { status: 'found', item: { kind: 'event', event } };
      });
    },
  };
}

const nameOf = ({ group, sequence }: EventKey): string => `${sequence} ${group}`;

const validationError = (message: string): Error => Object.assign(new Error(message), { name: 'ValidationException' });
