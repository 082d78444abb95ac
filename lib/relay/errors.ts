import { WaybillError } from '../contracts/index.ts';

/** The relay was put together with a value that no call could ever succeed with. */
export class RelayMisconfiguredError extends WaybillError {
  readonly code = 'RELAY_MISCONFIGURED';
}

/** A record that does not come from a DynamoDB stream: it has no place that could be reported to Lambda. */
export class StreamRecordError extends WaybillError {
  readonly code = 'STREAM_RECORD_INVALID';
}
