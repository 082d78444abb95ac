import { EVENT_TYPE_MAX_LENGTH, PUT_EVENTS_MAX_ENTRIES } from '../definitions/index.ts';
import { type BusEntry, entrySizeBytes, fitsIntoCall } from '../outbox/event-record.ts';
import type { PublishFailure } from '../outbox/relay/failure.ts';
import type { EntryResult, EventPublisher, PublishAnswer } from '../outbox/relay/ports.ts';

export interface InMemoryEventPublisher extends EventPublisher {
  /** Every request, including refused ones. */
  readonly requests: readonly (readonly BusEntry[])[];
  /** The accepted entries, in order. */
  readonly accepted: readonly BusEntry[];
}

export interface InMemoryEventPublisherOptions {
  /** Returns the result of an entry before the service's own rules apply. @default - only those rules apply */
  readonly fault?: (entry: BusEntry, request: number) => EntryResult | undefined;
  /** Refuses a whole request. @default - only requests that EventBridge refuses */
  readonly refuse?: (entries: readonly BusEntry[], request: number) => PublishFailure | undefined;
  /** Runs during a request. @default - requests take no time */
  readonly latency?: (entries: readonly BusEntry[], signal: AbortSignal) => Promise<void>;
}

/** A bus that keeps accepted entries, and refuses the same requests and entries as EventBridge, with the same codes. */
export function createInMemoryEventPublisher(options: InMemoryEventPublisherOptions = {}): InMemoryEventPublisher {
  const { fault = () => undefined, refuse = () => undefined, latency = async () => {} } = options;
  const requests: (readonly BusEntry[])[] = [];
  const accepted: BusEntry[] = [];
  return {
    requests,
    accepted,
    async publish(entries, signal): Promise<PublishAnswer> {
      const request = requests.push(entries) - 1;
      await latency(entries, signal);
      const failure = refuse(entries, request) ?? checkRequest(entries);
      if (failure !== undefined) return { status: 'request-refused', failure };
      const results = entries.map((entry) => {
        const result = fault(entry, request) ?? checkEntry(entry);
        if (result !== undefined) return result;
        return { status: 'accepted', eventId: `bus-event-${accepted.push(entry)}` } as const;
      });
      return { status: 'answered', results };
    },
  };
}

function checkRequest(entries: readonly BusEntry[]): PublishFailure | undefined {
  if (entries.length < 1 || entries.length > PUT_EVENTS_MAX_ENTRIES) {
    const message = `1 validation error detected: 'entries' must have 1 to ${PUT_EVENTS_MAX_ENTRIES} members, got ${entries.length}`;
    return { code: 'ValidationException', message };
  }
  const sizeBytes = entries.reduce((sum, entry) => sum + entrySizeBytes(entry), 0);
  if (fitsIntoCall(sizeBytes)) return undefined;
  return { code: 'ValidationException', message: 'Total size of the entries in the request is over the limit.' };
}

function checkEntry(entry: BusEntry): EntryResult | undefined {
  if (!isJsonObject(entry.detail)) return refused('MalformedDetail', 'Detail is malformed.');
  if (entry.source === '') return refused('InvalidArgument', 'Source is required.');
  if (entry.detailType === '' || entry.detailType.length > EVENT_TYPE_MAX_LENGTH) {
    return refused('InvalidArgument', `DetailType must have 1 to ${EVENT_TYPE_MAX_LENGTH} characters.`);
  }
  if (entry.source.startsWith('aws.')) {
    return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  }
  return undefined;
}

const refused = (code: string, message: string): EntryResult => ({ status: 'refused', failure: { code, message } });

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
