import { describe, expect, it } from 'vitest';
import { formatFunctionLine, formatRunLine } from '../../../local/view/log-line.ts';

describe('formatFunctionLine', () => {
  it('formats a structured line, without repeated fields', () => {
    const line = JSON.stringify({
      level: 'INFO',
      message: 'event handled',
      timestamp: '2026-01-01T00:00:00.000Z',
      service: 'payments',
      function_name: 'payments-1',
      correlation_id: 'c',
      group: 'order#1001',
      receive_count: 2,
      note: 'two words',
      tenant_id: undefined,
    });

    expect(formatFunctionLine('payments', line)).toBe(
      'payments     INFO   event handled  group=order#1001 receive_count=2 note="two words"',
    );
  });

  it('shows an error as its name and message', () => {
    const line = JSON.stringify({
      level: 'ERROR',
      message: 'failed',
      error: { name: 'E', message: 'no', stack: 'at …' },
    });

    expect(formatFunctionLine('payments', line)).toBe('payments     ERROR  failed  error="E: no"');
    expect(formatFunctionLine('payments', line.replace('"stack"', '"thrown_at":"a/b.ts:7","stack"'))).toBe(
      'payments     ERROR  failed  error="E: no, at a/b.ts:7"',
    );
  });

  it('shows metrics as their values', () => {
    const line = JSON.stringify({
      _aws: { CloudWatchMetrics: [] },
      service: 'relay',
      EventsPublished: 2,
      Times: [1, 2],
    });

    expect(formatFunctionLine('relay', line)).toBe('relay        EMF    EventsPublished=2 Times=[ 1, 2 ]');
  });

  it.each(['plain text', '{broken', '[1]', '{}'])('passes on %j', (line) => {
    expect(formatFunctionLine('relay', line)).toContain(line === '{}' ? 'INFO' : line);
  });
});

describe('formatRunLine', () => {
  it('gives one line for any message', () => {
    expect(formatRunLine('error', 'run', 'first\n  second\n')).toBe('run          ERROR  first second');
  });

  it('colours source, level and fields if the output shows colours', () => {
    const line = formatRunLine('error', 'sqs', 'refused', { queue: 'a' }, (style, text) => `<${style} ${text.trim()}>`);

    expect(line).toBe('<cyan sqs>  <red ERROR>  refused  <dim queue=a>');
  });

  it('names source, level and fields', () => {
    expect(formatRunLine('warn', 'sqs', 'refused', { queue: 'a', error: new TypeError('broken') })).toBe(
      'sqs          WARN   refused  queue=a error="TypeError: broken"',
    );
  });
});
