import { Logger } from '@aws-lambda-powertools/logger';
import type {
  ConstructorOptions,
  LogAttributes,
  LogItemExtraInput,
  LogItemMessage,
} from '@aws-lambda-powertools/logger/types';
import { describeThrown, isError, loggable } from './thrown.ts';

/**
 * Powertools' logger, with errors written as `loggable` tells them, and no line that throws. Powertools itself writes an
 * error's enumerable members, whatever they hold, overflows the stack at a circle of causes, and throws at an error
 * with odd members.
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
      // a field that JSON cannot hold: the line is worth more than the field
      const unwritten = describeThrown(trouble).message;
      super.processLogItem(level, describeThrown(input).message, [...items.map(primitivesOf), { unwritten }]);
    }
  }

  /** For errors that lie deeper, or were appended as keys. */
  protected override getJsonReplacer(): ReturnType<Logger['getJsonReplacer']> {
    const replace = super.getJsonReplacer();
    return function (this: unknown, key, value) {
      return replace.call(this, key, isError(value) ? loggable(value) : value);
    };
  }
}

/** A line may be an error alone. */
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

/** A key is part of every line that follows: what cannot be written is told of in its place. */
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
