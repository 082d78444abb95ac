import { createHash } from 'node:crypto';
import type { Logger } from '@aws-lambda-powertools/logger';
import { hasCode, isWaybillError, type Route } from '../definitions/index.ts';
import type { EventContext } from '../event/index.ts';
import type { GuardedWrite, Outbox, UnitOfWork } from '../outbox/index.ts';
import { loggable } from '../shared/thrown.ts';
import { addMs, type Clock, type EpochMs, toEpochSeconds } from '../shared/time.ts';
import { RequestClaimLostError } from './errors.ts';
import type { HttpAnswer, RequestClaim, RequestRecords } from './ports.ts';
import { type ProblemError, problem } from './problem.ts';

/** How long an answer is kept under its idempotency key. */
export const ANSWERS_KEPT_HOURS = 24;

/** Runs of a handler, if another writer is first each time. */
const MOST_RUNS = 4;

export interface CommandDeps {
  readonly outbox: Pick<Outbox, 'transact'>;
  readonly requests: RequestRecords;
  readonly clock: Clock;
  /** At most 36 characters, different for every call. */
  readonly newToken: () => string;
}

/** Work that writes: a request of a route other than GET and HEAD. */
export interface Command {
  readonly context: EventContext;
  readonly log: Logger;
  /** The handler, and the check of what it answers. */
  run(tx: UnitOfWork): Promise<HttpAnswer>;
  /** The answer of what the handler, or the commit, has thrown; `keep` if it is the answer to each repetition. */
  refusalOf(error: unknown): { readonly answer: HttpAnswer; readonly keep: boolean };
}

/** Identity of a request that may be repeated. */
export interface KeyedRequest {
  readonly id: string;
  readonly fingerprint: string;
  /** When the invocation ends, and another one may take over. */
  readonly heldUntil: EpochMs;
}

export interface CommandAnswer {
  readonly answer: HttpAnswer;
  readonly replayed: boolean;
}

/** One transaction: the command's writes, its events, and what `guarding` adds for the answer. */
async function commit(
  { outbox }: CommandDeps,
  { run, context, log }: Command,
  guarding: (answer: HttpAnswer) => readonly GuardedWrite[],
): Promise<HttpAnswer> {
  for (let runs = 1; ; runs++) {
    try {
      const { value } = await outbox.transact(run, context, guarding);
      return value;
    } catch (error) {
      if (runs >= MOST_RUNS || !isWaybillError(error) || error.disposition !== 'lost-race') throw error;
      log.debug('another writer was first: the handler runs again', { error: loggable(error) });
    }
  }
}

/** Runs a command that takes no idempotency key. */
export async function runCommand(deps: CommandDeps, command: Command): Promise<CommandAnswer> {
  try {
    return { answer: await commit(deps, command, () => []), replayed: false };
  } catch (error) {
    return { answer: command.refusalOf(error).answer, replayed: false };
  }
}

/**
 * Runs a command once per idempotency key. The answer is stored in the command's own transaction: whatever crashes, the
 * work is done once, and an answer that was lost is given to the repetition.
 */
export async function runOnce(deps: CommandDeps, command: Command, request: KeyedRequest): Promise<CommandAnswer> {
  const { requests, clock, newToken } = deps;
  const now = clock.now();
  const expires = toEpochSeconds(addMs(now, ANSWERS_KEPT_HOURS * 3_600_000));
  const claim: RequestClaim = { ...request, owner: newToken(), now, expires };
  const outcome = await requests.claim(claim);
  if (outcome.kind !== 'claimed') return settled(outcome, command, request, clock);

  const guarding = (answer: HttpAnswer): readonly GuardedWrite[] => [
    { write: requests.completion(claim, answer), refused: () => new RequestClaimLostError() },
  ];
  try {
    return { answer: await commit(deps, command, guarding), replayed: false };
  } catch (error) {
    const { answer, keep } = command.refusalOf(error);
    try {
      const kept = keep && (await keepRefusal(deps, command, guarding, answer));
      if (kept || (!keep && (await requests.release(claim)))) return { answer, replayed: false };
      // whether this execution has committed or another one has, the record knows
      const record = await requests.find(claim.id);
      if (record?.kind === 'completed' || hasCode(error, 'API_CLAIM_LOST')) {
        return settled(
          record ?? { kind: 'in-progress', fingerprint: request.fingerprint, until: now },
          command,
          request,
          clock,
        );
      }
    } catch (trouble) {
      // the claim ends by itself
      command.log.error('the idempotency key could not be given up', { error: loggable(trouble) });
    }
    return { answer, replayed: false };
  }
}

/** @returns false if the claim is lost */
async function keepRefusal(
  { outbox }: CommandDeps,
  { context }: Command,
  guarding: (answer: HttpAnswer) => readonly GuardedWrite[],
  answer: HttpAnswer,
): Promise<boolean> {
  try {
    await outbox.transact(() => answer, context, guarding);
    return true;
  } catch (error) {
    if (!hasCode(error, 'API_CLAIM_LOST')) throw error;
    return false;
  }
}

/** What the record of an earlier request with the same key says. */
function settled(
  record: NonNullable<Awaited<ReturnType<RequestRecords['find']>>>,
  command: Command,
  { fingerprint }: KeyedRequest,
  clock: Clock,
): CommandAnswer {
  const refused = (refusal: ProblemError) => ({ answer: command.refusalOf(refusal).answer, replayed: false });
  if (record.fingerprint !== fingerprint) return refused(problem('IDEMPOTENCY_KEY_REUSED'));
  if (record.kind === 'completed') return { answer: record.answer, replayed: true };
  const retryAfterSeconds = Math.max(1, Math.ceil((record.until - clock.now()) / 1000));
  return refused(problem('IDEMPOTENCY_KEY_IN_FLIGHT', { retryAfterSeconds: Math.min(retryAfterSeconds, 30) }));
}

/** A quoted string of structured fields, or the bare key that most clients send. */
const KEY = /^(?:"([\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x5b\x5d-\x7e]{1,255}))$/;

/**
 * Reads the header Idempotency-Key.
 * @throws ProblemError `IDEMPOTENCY_KEY_MISSING` or `IDEMPOTENCY_KEY_INVALID`
 */
export function readIdempotencyKey(header: string | undefined): string {
  if (header === undefined || header === '') {
    throw problem('IDEMPOTENCY_KEY_MISSING', {
      detail: 'send a new UUID per command, and the same one when you repeat it',
    });
  }
  const [, quoted, bare] = KEY.exec(header) ?? [];
  const key = quoted ?? bare;
  if (key !== undefined) return key;
  throw problem('IDEMPOTENCY_KEY_INVALID', { detail: 'it must be 1 to 255 visible ASCII characters, such as a UUID' });
}

/** Of the record: nobody can name the key of another tenant, subject or route. */
export const requestIdOf = (
  api: string,
  route: Route,
  tenantId: string | undefined,
  subject: string | undefined,
  key: string,
): string =>
  `requests#${createHash('sha256')
    .update(JSON.stringify([api, tenantId ?? null, subject ?? null, route.key, key]))
    .digest('base64url')}`;

/** Of what was asked for: path, query and body. */
export const fingerprintOf = (rawPath: string, rawQuery: string, body: Buffer | undefined): string =>
  createHash('sha256')
    .update(JSON.stringify([rawPath, rawQuery]))
    .update(body ?? '')
    .digest('base64url');
