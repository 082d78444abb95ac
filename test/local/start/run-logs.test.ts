import { describe, expect, it } from 'vitest';
import { createRunLogs } from '../../../local/start/run-logs.ts';
import { createScreen } from '../../../local/view/screen.ts';

const NAMES = new Map([
  ['relay-1', 'relay'],
  ['payments-1', 'payments'],
]);

const NOTHING = { verbose: false, logs: [], jsonLogs: false } as const;

/** What is shown where of a function's line each, an engine's warning and its debug line. */
function shown(options: Partial<Parameters<typeof createRunLogs>[1]>) {
  const written = { out: '', err: '', logs: '' };
  const outputTo = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const screen = createScreen({
    out: outputTo('out'),
    err: outputTo('err'),
    logs: outputTo('logs'),
    terminalType: undefined,
  });
  const logs = createRunLogs(screen, { ...NOTHING, ...options });
  logs.nameServices(NAMES);
  logs.onLogLine('relay-1', '{"message":"published"}');
  logs.onLogLine('payments-1', 'captured');
  logs.log('warn', 'sqs', 'odd');
  logs.log('debug', 'relay-1', 'environment started');
  logs.log('debug', 'sqs', 'queue made');
  return { err: written.err.trimEnd().split('\n'), logs: written.logs.trimEnd().split('\n') };
}

const LINES = {
  relay: 'relay        INFO   published',
  payments: 'payments            captured',
  odd: 'sqs          WARN   odd',
  environment: 'relay        DEBUG  environment started',
  queue: 'sqs          DEBUG  queue made',
};

describe('createRunLogs', () => {
  it('shows warnings only, unless more is asked for', () => {
    expect(shown({})).toEqual({ err: [LINES.odd], logs: [''] });
  });

  it('shows everything if verbose', () => {
    expect(shown({ verbose: true })).toEqual({
      err: [LINES.odd],
      logs: [LINES.relay, LINES.payments, LINES.environment, LINES.queue],
    });
  });

  it.each(['payments', 'payments-1'])('shows the source chosen by its name %s, and warnings', (name) => {
    expect(shown({ logs: [name] })).toEqual({ err: [LINES.odd], logs: [LINES.payments] });
  });

  it('shows more of the chosen sources if verbose', () => {
    expect(shown({ logs: ['relay'], verbose: true })).toEqual({
      err: [LINES.odd],
      logs: [LINES.relay, LINES.environment],
    });
  });

  it('shows several chosen sources', () => {
    expect(shown({ logs: ['relay', 'payments'] }).logs).toEqual([LINES.relay, LINES.payments]);
  });

  it('writes every line as JSON', () => {
    expect(shown({ jsonLogs: true })).toEqual({
      err: [''],
      logs: [
        '{"message":"published"}',
        '{"service":"payments","message":"captured"}',
        '{"level":"WARN","service":"sqs","message":"odd"}',
      ],
    });
  });

  it('rejects an unknown name, and lists the known ones', () => {
    expect(() => shown({ logs: ['billing'] })).toThrow(
      "--logs must name one of relay, payments, or a function, got 'billing'",
    );
  });
});
