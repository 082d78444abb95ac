import { isTooDeep } from '../endpoint/request-body.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { isJsonObject, requireString, validationError } from './members.ts';
import type { Operations } from './operations.ts';
import { compileEventPattern } from './pattern/event-pattern.ts';

/** What an event must have to be tested. @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html */
const REQUIRED = ['id', 'account', 'source', 'time', 'region', 'detail-type'];

export const testEventPattern: Operations = {
  TestEventPattern: (input) => ({
    Result: compileEventPattern(requireString(input, 'EventPattern'))(readEvent(requireString(input, 'Event'))),
  }),
};

function readEvent(json: string): JsonObject {
  if (isTooDeep(json)) throw validationError('Parameter Event is not valid. Reason: Event has too many levels.');
  let event: unknown;
  try {
    event = JSON.parse(json);
  } catch (cause) {
    throw validationError('Parameter Event is not valid. Reason: Event is not valid JSON.', cause);
  }
  if (!isJsonObject(event)) throw validationError('Parameter Event is not valid. Reason: Event is not a JSON object.');
  const missing = REQUIRED.filter((member) => event[member] === undefined);
  if (missing.length > 0) {
    throw validationError(`Parameter Event is not valid. Reason: Event lacks ${missing.join(', ')}.`);
  }
  return event;
}
