import { boundedText } from '../../shared/bounded-text.ts';
import { describeThrown, memberOf } from '../../shared/thrown.ts';

/** Why AWS, or the relay itself, did not do something. */
export interface PublishFailure {
  /** AWS's own code (`ThrottlingException`), or one of the relay's in upper case. */
  readonly code: string;
  readonly message: string;
}

/** Kept small: it is stored in a marker. */
const MESSAGE_MAX_BYTES = 500;

/** A validation message repeats the value that it is about, which may be the whole event: that belongs in no log. */
const withoutValue = (message: string): string => message.replace(/Value '.*' at '/gs, "Value '…' at '");

/** @param code AWS's code; an SDK error carries it as its `name` */
export const failureOf = (code: string | undefined, message: string | undefined): PublishFailure => ({
  code: code ?? 'UnknownError',
  message: boundedText(withoutValue(message ?? 'AWS gave no message'), MESSAGE_MAX_BYTES),
});

export function failureOfError(thrown: unknown): PublishFailure {
  const message = memberOf(thrown, 'message');
  const { name, message: told } = describeThrown(thrown);
  // the value is taken out before the text is cut: a cut could leave its beginning
  return failureOf(name, typeof message === 'string' && message !== '' ? message : told);
}
