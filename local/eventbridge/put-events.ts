import type { EpochMs } from '../../lib/shared/time.ts';
import type { EngineClock } from '../clock.ts';
import { isTooDeep } from '../endpoint/request-body.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { type BusEvent, compactJson, createBusEvent } from './bus-event.ts';
import type { EntryFault, EventBridgeFaults } from './faults.ts';
import {
  isJsonObject,
  optionalString,
  optionalStrings,
  optionalTimestampMs,
  requireObjects,
  validationError,
} from './members.ts';
import type { Operations } from './operations.ts';

export interface PutEventsOptions {
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
  readonly newId: () => string;
  readonly faults: EventBridgeFaults;
  /** Takes an accepted event; `busName` may name a bus that does not exist. */
  readonly accept: (event: BusEvent, busName: string | undefined) => void;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const MOST_ENTRIES = 10;
const MOST_REQUEST_BYTES = 1_048_576;
const TIME_BYTES = 14;
/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
const MOST_LEVELS = 1_000;
const LONGEST_DETAIL_TYPE = 128;

type EntryResult = { readonly EventId: string } | EntryFault;

export function createPutEvents(options: PutEventsOptions): Operations {
  const { faults, accept, newId } = options;

  const putEntry = (entry: JsonObject): EntryResult => {
    const fault = faults.onPutEventsEntry?.(entry) ?? checkEntry(entry);
    if (fault !== undefined) return fault;
    const detailJson = optionalString(entry, 'Detail') ?? '';
    const detail = parseDetail(detailJson);
    if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    const id = newId();
    const event = toEvent(options, entry, { id, detail, detailJson: compactJson(detailJson) });
    accept(event, optionalString(entry, 'EventBusName'));
    return { EventId: id };
  };

  return {
    PutEvents(input) {
      const entries = requireObjects(input, 'Entries', 1, MOST_ENTRIES);
      const failure = faults.onPutEvents?.(entries);
      if (failure !== undefined) throw failure;
      if (optionalString(input, 'EndpointId') !== undefined) {
        throw validationError(
          'EndpointId is not part of the local run: it has no global endpoints, name a bus instead.',
        );
      }
      const requestBytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
      if (requestBytes > MOST_REQUEST_BYTES) {
        throw validationError('Total size of the entries in the request is over the limit.');
      }
      const results = entries.map(putEntry);
      return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
    },
  };
}

/** What an entry counts for: 14 bytes for a time, and its texts in UTF-8. */
function entryBytes(entry: JsonObject): number {
  const texts = [
    optionalString(entry, 'Source'),
    optionalString(entry, 'DetailType'),
    optionalString(entry, 'Detail'),
    ...(optionalStrings(entry, 'Resources') ?? []),
  ];
  const textBytes = texts.reduce((sum, text = '') => sum + Buffer.byteLength(text), 0);
  return textBytes + (optionalTimestampMs(entry, 'Time') === undefined ? 0 : TIME_BYTES);
}

function checkEntry(entry: JsonObject): EntryFault | undefined {
  for (const member of ['Source', 'DetailType', 'Detail']) {
    if ((optionalString(entry, member) ?? '') === '')
      return invalidArgument(member, `${member} is a required argument.`);
  }
  if ((optionalString(entry, 'DetailType') ?? '').length > LONGEST_DETAIL_TYPE) {
    return invalidArgument('DetailType', `DetailType has more than ${LONGEST_DETAIL_TYPE} characters.`);
  }
  if (optionalString(entry, 'Source')?.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  return undefined;
}

const invalidArgument = (member: string, reason: string): EntryFault => ({
  ErrorCode: 'InvalidArgument',
  ErrorMessage: `Parameter ${member} is not valid. Reason: ${reason}`,
});

function parseDetail(json: string): JsonObject | undefined {
  if (isTooDeep(json, MOST_LEVELS)) return undefined;
  try {
    const detail: unknown = JSON.parse(json);
    return isJsonObject(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

function toEvent(
  { clock, region, accountId }: PutEventsOptions,
  entry: JsonObject,
  made: { readonly id: string; readonly detail: JsonObject; readonly detailJson: string },
): BusEvent {
  const ingestedAt = clock.now();
  return createBusEvent({
    ...made,
    source: optionalString(entry, 'Source') ?? '',
    detailType: optionalString(entry, 'DetailType') ?? '',
    account: accountId,
    region,
    resources: optionalStrings(entry, 'Resources') ?? [],
    occurredAt: (optionalTimestampMs(entry, 'Time') ?? ingestedAt) as EpochMs,
    ingestedAt,
  });
}
