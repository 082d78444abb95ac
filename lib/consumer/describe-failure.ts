import { isWaybillError, type Subscription } from '../contracts/index.ts';
import { type KnownWait, knownWaitOf } from './known-wait.ts';

/** An error as it is stored and counted. */
export interface Failure extends KnownWait {
  /** `error.code`, else `error.name`. */
  readonly code: string;
  readonly message: string;
  readonly stackHead: string;
  /** No retry can help. */
  readonly permanent: boolean;
}

/** Kept small: it is stored in a cursor and a note. */
const MESSAGE_MAX_LENGTH = 500;
const STACK_HEAD_LINES = 6;

/** What only a deployment can mend; retrying it until the DLQ would only hold its group longer. */
const PERMANENT_CODES = new Set([
  'PERMANENT',
  'EVENT_MALFORMED',
  'EVENT_TYPE_UNKNOWN',
  'EVENT_DATA_INVALID',
  'EVENT_HOP_LIMIT',
  'TENANT_MISSING',
  'TENANT_MISMATCH',
]);

export function describeFailure(thrown: unknown, { permanentErrors }: Pick<Subscription, 'permanentErrors'>): Failure {
  const error = toError(thrown);
  const code = codeOf(error);
  return {
    code,
    message: error.message.slice(0, MESSAGE_MAX_LENGTH),
    stackHead: (error.stack ?? '').split('\n').slice(0, STACK_HEAD_LINES).join('\n'),
    permanent: PERMANENT_CODES.has(code) || permanentErrors.includes(code),
    ...knownWaitOf(error),
  };
}

export const toError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });

function codeOf(error: Error): string {
  if (isWaybillError(error)) return error.code;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
}
