import { Logger } from '@aws-lambda-powertools/logger';
import type {
  ConstructorOptions,
  LogAttributes,
  LogItemExtraInput,
  LogItemMessage,
} from '@aws-lambda-powertools/logger/types';
import { describeThrown, isError, loggable } from './thrown.ts';

/**
 * Powertools' logger, except that it writes errors with `loggable` and never throws. Powertools itself writes all
 * enumerable members of an error, overflows the stack on circular causes, and throws on errors with unusual members.
 */
export class EventLogger extends Logger {
  protected override createLogger(options: ConstructorOptions = {}): Logger {
    return new EventLogger(options);
  }

  override appendKeys(attributes: LogAttributes): void {
    super.appendKeys(writable(attributes));
  }

  override appendPersistentKeys(attributes: LogAttributes): void {
    super.appendPersistentKeys(writable(attributes));
  }

  protected override processLogItem(level: number, input: LogItemMessage, more: LogItemExtraInput): void {
    const items = more.map(withToldErrors);
    try {
      super.processLogItem(level, messageOf(input), items as LogItemExtraInput);
    } catch (trouble) {
      // if JSON cannot represent a field, log the line without it
      const unwritten = describeThrown(trouble).message;
      super.processLogItem(level, describeThrown(input).message, [...items.map(primitivesOf), { unwritten }]);
    }
  }

  /** For nested errors and errors appended as keys. */
  protected override getJsonReplacer(): ReturnType<Logger['getJsonReplacer']> {
    const replace = super.getJsonReplacer();
    return function (this: unknown, key, value) {
      return replace.call(this, key, isError(value) ? loggable(value) : value);
    };
  }
}

/** The input may be only an error. */
const messageOf = (input: LogItemMessage): LogItemMessage =>
  isError(input) ? { message: describeThrown(input).message, error: loggable(input) } : input;

type Fields = Record<string, unknown>;

function withToldErrors(item: unknown): string | Fields {
  if (typeof item === 'string') return item;
  if (isError(item)) return { error: loggable(item) };
  try {
    return Object.fromEntries(
      Object.entries(item ?? {}).map(([name, value]) => [name, isError(value) ? loggable(value) : value]),
    );
  } catch (trouble) {
    return { unwritten: describeThrown(trouble).message };
  }
}

/** A key is part of all later lines. A value that cannot be written is replaced by a description. */
const writable = (attributes: LogAttributes): Fields => {
  const fields = withToldErrors(attributes) as Fields;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isWritable(value) ? value : describeThrown(value).message]),
  );
};

function isWritable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}

const primitivesOf = (item: string | Fields): Fields =>
  typeof item === 'string'
    ? { extra: item }
    : Object.fromEntries(
        Object.entries(item).filter(([, value]) => typeof value !== 'object' && typeof value !== 'function'),
      );
