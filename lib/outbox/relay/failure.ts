import { boundedText } from '../../shared/bounded-text.ts';
import { describeThrown, memberOf } from '../../shared/thrown.ts';

/** Why a call to AWS, or the relay itself, failed. */
export interface PublishFailure {
  /** AWS's error code (`ThrottlingException`), or a code of the relay in upper case. */
  readonly code: string;
  readonly message: string;
}

/** Small, because it is stored in a marker. */
const MESSAGE_MAX_BYTES = 500;

/** A validation message repeats the invalid value, which may be the whole event. It must not be logged. */
const withoutValue = (message: string): string => message.replace(/Value '.*' at '/gs, "Value '…' at '");

/** @param code AWS's code; an SDK error carries it as its `name` */
export const failureOf = (code: string | undefined, message: string | undefined): PublishFailure => ({
  code: code ?? 'UnknownError',
  message: boundedText(withoutValue(message ?? 'AWS returned no message'), MESSAGE_MAX_BYTES),
});

export function failureOfError(thrown: unknown): PublishFailure {
  const message = memberOf(thrown, 'message');
  const { name, message: description } = describeThrown(thrown);
  // remove the value before truncating: a truncated text could keep its beginning
  return failureOf(name, typeof message === 'string' && message !== '' ? message : description);
}
