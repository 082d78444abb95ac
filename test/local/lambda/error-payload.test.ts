import { expect, it } from 'vitest';
import { toErrorPayload, toRejectionPayload } from '../../../local/lambda/worker/error-payload.ts';
import { ODDLY_THROWN } from '../../fixtures/thrown.ts';

it.each(Object.entries(ODDLY_THROWN))('%s is answered as plain strings, because it crosses threads', (_, thrown) => {
  for (const payload of [toErrorPayload(thrown()), toRejectionPayload(thrown())]) {
    expect(structuredClone(payload)).toStrictEqual({
      errorType: expect.any(String),
      errorMessage: expect.any(String),
      trace: expect.any(Array),
    });
  }
});

it('an error is answered as AWS’s runtime answers it if its message is not a string', () => {
  expect(toErrorPayload(ODDLY_THROWN['a message that is an object']?.())).toStrictEqual({
    errorType: 'handled',
    errorMessage:
      'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
    trace: [],
  });
});
