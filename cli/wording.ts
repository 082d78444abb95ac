import type { FailureReason } from '../lib/consumer/index.ts';
import type { ResendResult } from '../lib/operations/index.ts';
import { type EpochMs, toTimestamp } from '../lib/shared/time.ts';
import type { CommandConsole } from './console.ts';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** `3 min`, `2 h`, `5 d`: whole units, the largest that fits. */
export function ageText(since: EpochMs, now: EpochMs): string {
  const ageMs = Math.max(now - since, 0);
  const [unit, unitMs] = UNITS.find(([, ms]) => ageMs >= ms) ?? ['s', 1000];
  return `${Math.floor(ageMs / unitMs)} ${unit}`;
}

/** To the second: `2026-11-20 06:00:00Z`. */
export const timeText = (instant: EpochMs): string =>
  `${toTimestamp(instant)
    .replace('T', ' ')
    .replace(/\.\d+Z$/, '')}Z`;

export const attemptsText = (attempts: number): string => `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;

/** @param thrownAt the place in the user's own code, if known */
export const reasonText = ({ code, message }: FailureReason, thrownAt?: string): string =>
  `${code}: ${message}${thrownAt === undefined ? '' : `, at ${thrownAt}`}`;

/** The text of a table's cell: at most `most` characters on a terminal, and complete if the output is piped. */
export const cellText = (text: string, most: number, { isTerminal }: Pick<CommandConsole, 'isTerminal'>): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= most || !isTerminal ? line : `${line.slice(0, most - 1)}…`;
};

export function resendText(result: ResendResult): string {
  switch (result.kind) {
    case 'resent':
      return result.why === 'waited-for'
        ? `resent event ${result.event.sequence} (${result.event.id}), which the group waits for`
        : `resent event ${result.event.sequence} (${result.event.id}): the consumer reads the missing events before it from the log`;
    case 'up-to-date':
      return 'nothing to resend: the log has no unprocessed event of this group for the consumer';
    case 'gone':
      return `cannot resend: the log no longer holds event ${result.sequence}, which the group waits for; it can only be skipped`;
  }
}

/** The JSON output of a resend, without the event's body. */
export const resendFacts = (result: ResendResult) =>
  result.kind === 'resent'
    ? { kind: result.kind, why: result.why, sequence: result.event.sequence, eventId: result.event.id }
    : result;

const INSTANTS = new Set([
  'at',
  'committedAt',
  'createdAt',
  'firstAt',
  'lastAt',
  'oldestPendingAt',
  'oldestSince',
  'resolvedAt',
  'resumedAt',
  'since',
  'until',
  'waitedSince',
]);

/** One line of JSON, instants as RFC 3339. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (name, member: unknown) =>
    INSTANTS.has(name) && typeof member === 'number' ? toTimestamp(member as EpochMs) : member,
  );
