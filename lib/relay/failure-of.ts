import type { Failure } from './ports.ts';

/** A validation message may repeat the whole event, which belongs neither into a log nor into a marker. */
const MESSAGE_MAX_LENGTH = 500;

/** @param code AWS's code; an SDK error carries it as its `name` */
export const failureOf = (code: string | undefined, message: string | undefined): Failure => ({
  code: code ?? 'UnknownError',
  message: (message ?? 'AWS gave no message').slice(0, MESSAGE_MAX_LENGTH),
});

export const failureOfError = (error: unknown): Failure =>
  error instanceof Error ? failureOf(error.name, error.message) : failureOf(undefined, String(error));
