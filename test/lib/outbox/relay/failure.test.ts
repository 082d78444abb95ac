import { describe, expect, it } from 'vitest';
import { failureOf, failureOfError } from '../../../../lib/outbox/relay/failure.ts';

describe('failureOf', () => {
  it('sets a code if AWS returned none', () => {
    expect(failureOf(undefined, undefined)).toEqual({ code: 'UnknownError', message: 'AWS returned no message' });
  });

  it('omits the value that a message repeats, which may be a whole event', () => {
    expect(failureOf('ValidationException', "Value '{\"card\": \n 4242}' at 'entries' failed")).toEqual({
      code: 'ValidationException',
      message: "Value '…' at 'entries' failed",
    });
  });
});

describe('failureOfError', () => {
  it('contains the code and message of the SDK', () => {
    const error = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });

    expect(failureOfError(error)).toEqual({ code: 'ThrottlingException', message: 'slow down' });
  });

  it.each([
    ['an empty message', '', 'the error has no message'],
    ['a message that is no text', { reason: 'slow' }, "{ reason: 'slow' }"],
  ])('has a message for an error with %s', (_what, message, told) => {
    const error = Object.assign(new Error('x'), { name: 'ThrottlingException', message });

    expect(failureOfError(error)).toEqual({ code: 'ThrottlingException', message: told });
  });
});
