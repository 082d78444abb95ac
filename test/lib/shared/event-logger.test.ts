import type { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it } from 'vitest';
import { EventLogger } from '../../../lib/shared/event-logger.ts';
import { ODDLY_THROWN, untouchable } from '../../fixtures/thrown.ts';

/** A logger whose lines can be read. */
function createReadable() {
  const lines: Record<string, unknown>[] = [];
  const collect = (line: string) => void lines.push(JSON.parse(line));
  const readable = (logger: Logger): Logger =>
    Object.assign(logger, { console: { info: collect, error: collect, warn: collect, debug: collect } });
  const logger = readable(new EventLogger({ serviceName: 'billing', logLevel: 'INFO' }));
  return { logger, child: () => readable(logger.createChild()), lines };
}

const told = (error: Error) => Object.assign(error, { stack: '' });

describe.each(Object.entries(ODDLY_THROWN))('a logger that receives %s', (_, thrown) => {
  it.each(['a field', 'a nested field', 'the extra input', 'a key'] as const)('as %s writes one line', (where) => {
    const { child, lines } = createReadable();
    const log = child();
    const value = thrown();

    if (where === 'a field') log.error('it failed', { error: value, order: 7 });
    if (where === 'a nested field') log.error('it failed', { context: { error: value }, order: 7 });
    if (where === 'the extra input') log.error('it failed', value as Error);
    if (where === 'a key') {
      log.appendKeys({ last: value as never });
      log.error('it failed', { order: 7 });
    }

    // beside it, Powertools warns of fields with names of its own
    const written = lines.filter(({ level }) => level === 'ERROR');
    expect(written).toHaveLength(1);
    expect(written[0]).toMatchObject({ level: 'ERROR', message: 'it failed', service: 'billing' });
    if (where !== 'the extra input') expect(written[0]).toMatchObject({ order: 7 });
  });
});

describe('an event logger', () => {
  it('writes the name, code, message, stack and cause of an error, and no member that may contain an item', () => {
    const { logger, lines } = createReadable();
    const error = told(
      Object.assign(new TypeError('it does not hold', { cause: told(new Error('why')) }), {
        code: 'CONDITION',
        item: { email: 'jane@example.com' },
      }),
    );

    logger.error('it failed', { error });
    logger.error('it failed', error);
    logger.error('it failed', { deep: [{ error }] });

    const expected = {
      name: 'TypeError',
      code: 'CONDITION',
      message: 'it does not hold',
      stack: '',
      cause: { name: 'Error', code: 'Error', message: 'why', stack: '' },
    };
    expect(lines.map(({ error: one, deep }) => one ?? deep)).toStrictEqual([expected, expected, [{ error: expected }]]);
    expect(JSON.stringify(lines)).not.toContain('jane');
  });

  it('writes an error that is logged without a message', () => {
    const { logger, lines } = createReadable();

    logger.error(told(new Error('odd')) as never);

    expect(lines[0]).toMatchObject({ message: 'odd', error: { name: 'Error', message: 'odd', stack: '' } });
  });

  it('keeps the other fields of a line if one cannot be written', () => {
    const { logger, lines } = createReadable();

    logger.error('it failed', { order: 7, odd: untouchable() });

    expect(lines[0]).toMatchObject({ message: 'it failed', order: 7, unwritten: 'touched' });
  });
});
