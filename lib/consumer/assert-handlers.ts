import type { Subscription } from '../contracts/index.ts';
import { nearestOf } from '../shared/nearest.ts';
import { ConsumerHandlersError } from './errors.ts';

/**
 * Compares a subscription with its handlers by name, before an event finds out.
 * @throws ConsumerHandlersError `CONSUMER_HANDLERS_INVALID` naming every type without a handler and every handler without a type
 */
export function assertHandlers({ name, events }: Subscription, handlers: Readonly<Record<string, unknown>>): void {
  const types = [...new Set(events.map(({ type }) => type))];
  const keys = Object.keys(handlers);
  const unhandled = types.filter((type) => !Object.hasOwn(handlers, type));
  const unknown = keys.filter((key) => !types.includes(key));
  const guesses = new Map(unknown.map((key) => [key, nearestOf(key, unhandled)]));
  const guessed = new Set(guesses.values());
  const problems = [
    ...[...guesses].map(([key, guess]) =>
      guess === undefined
        ? `the handler ${quoted(key)} is for no event of the subscription, which takes ${types.map(quoted).join(', ')}`
        : `the handler ${quoted(key)} is for no event of the subscription: did you mean ${quoted(guess)}, which has none?`,
    ),
    ...unhandled.filter((type) => !guessed.has(type)).map((type) => `${quoted(type)} has no handler`),
    ...types
      .filter((type) => Object.hasOwn(handlers, type) && typeof handlers[type] !== 'function')
      .map((type) => `the handler of ${quoted(type)} must be a function, got ${kindOf(handlers[type])}`),
  ];
  if (problems.length > 0) throw new ConsumerHandlersError(name, problems);
}

/** What looks the same is not always: a blank, or a letter of another alphabet, is written as its code. */
const quoted = (text: string): string =>
  `'${text.replace(/[^!-~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;

const kindOf = (value: unknown): string => (value === null ? 'null' : typeof value);
