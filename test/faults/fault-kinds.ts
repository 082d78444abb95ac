/** A fault that is put between two I/O steps. */
export interface FaultPlan {
  readonly kind: FaultKind;
  /** It strikes the first step of its kind that is not before this one. */
  readonly step: number;
  /** How long, where it takes time. */
  readonly ms: number;
}

export type FaultKind = CallFault | ServiceFault;

/** What may befall any call of an execution. */
const ANY_CALL = [
  /** The execution ends before the request leaves. */
  'crash before',
  /** The request is applied, and the execution ends before the answer comes. */
  'crash after',
  /** The service refuses it: throttled, or out of order. */
  'refused',
  /** The request is applied, and the caller gets an error. */
  'answer lost',
  /** The answer is lost and the SDK sends the same request again: the second answer counts. */
  'sent twice',
  /** The request takes so long that the execution may time out; whatever is under way still arrives. */
  'stalled',
  /** The same, and the execution outlives its time-out: it goes on beside its successor. */
  'stalled, lingers',
] as const;

/** What only some calls offer. */
const SOME_CALLS = [
  /** A part of the entries for the bus is taken. */
  'partial',
  /** The bus takes an entry for one that can never be published. */
  'entry rejected',
  /** DynamoDB cancels a transaction for another one. */
  'conflict',
  /** The transaction is applied while DynamoDB still answers that it is in progress. */
  'in progress',
  /** DynamoDB refuses everything that goes to the table, for a while. */
  'throttled',
  /** BatchGetItem or BatchWriteItem leaves a part unprocessed. */
  'unprocessed keys',
  /** A read without `ConsistentRead` shows what was there a moment before, five seconds at most. */
  'stale read',
  /** A Query runs beside a transaction: it shows a later event of it and misses an earlier one. */
  'log misses',
  /** A read of several items runs beside a transaction: it shows some of what it has written, and some not. */
  'transaction in part',
] as const;

/** What the services do among themselves. */
const SERVICES = [
  'bus duplicates',
  'bus delays',
  'bus loses',
  'bus cannot deliver',
  /** The poller's receive has no answer: its messages are hidden, and nobody works on them. */
  'received for nobody',
  /** The poller's receive has no answer, and it asks again: the same messages, received once more. */
  'received again',
  /** Messages become visible while the function works on them. */
  'visibility ends',
  /** The queue's retention takes a message. */
  'message expires',
  'delete lost',
  'stream comes again',
  /** The stream's poller loses its checkpoint: what was done comes again, with what follows. */
  'checkpoint lost',
  /** A shard of the stream splits: its children begin when it has been read. */
  'shard splits',
  'stream trimmed',
  /** The time to live of what the log no longer needs is over, and DynamoDB deletes it late. */
  'expires late',
  'schedule fires late',
  'schedule fires twice',
] as const;

type CallFault = (typeof ANY_CALL)[number] | (typeof SOME_CALLS)[number];
type ServiceFault = (typeof SERVICES)[number];

export const FAULT_KINDS: readonly FaultKind[] = [...ANY_CALL, ...SOME_CALLS, ...SERVICES];

const ANY = new Set<FaultKind>(ANY_CALL);

export const befallsAnyCall = (kind: FaultKind): boolean => ANY.has(kind);
