import { describe, expect, it, vi } from 'vitest';
import { main } from '../../../cli/complete/main.ts';

/** What `complete` writes to a stream; the last line, `:4`, tells the shell not to offer files. */
function written(stream: 'stdout' | 'stderr', args: readonly string[]) {
  const lines: string[] = [];
  using spy = vi.spyOn(process[stream], 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  using log = vi.spyOn(console, 'log').mockImplementation((text) => void lines.push(`${text}\n`));
  const status = main(args);
  expect([spy, log]).toHaveLength(2);
  return { status, lines: lines.join('').trimEnd().split('\n') };
}

const suggested = (...words: readonly string[]) =>
  written('stdout', ['--', ...words])
    .lines.slice(0, -1)
    .map((line) => line.split('\t')[0]);

describe('waybill complete', () => {
  it('completes commands, those of this machine and those of the operator', () => {
    expect(suggested('st')).toStrictEqual(['start', 'status']);
    expect(suggested('')).toEqual(expect.arrayContaining(['init', 'complete', 'failures', 'where']));
  });

  it('completes options of the command, what a first argument may be, and the values of an option', () => {
    expect(suggested('failures', '--f')).toStrictEqual(['--fingerprint']);
    expect(suggested('failures', '')).toStrictEqual(['list', 'show']);
    expect(suggested('held', '--state', '')).toStrictEqual(['dead', 'retrying']);
    expect(suggested('held', '--output', 'js')).toStrictEqual(['json', 'jsonl']);
    expect(suggested('complete', 'z')).toStrictEqual(['zsh']);
    expect(suggested('start', '--rel')).toStrictEqual(['--release']);
  });

  it.each(['bash', 'zsh', 'fish', 'powershell'])('prints a script for %s that asks waybill', (shell) => {
    const { status, lines } = written('stdout', [shell]);

    expect(status).toBe(0);
    expect(lines.join('\n')).toContain('waybill complete');
  });

  it.each([
    [[], 'complete needs a shell: one of bash, zsh, fish, powershell'],
    [['tcsh'], "complete needs one of bash, zsh, fish, powershell, got 'tcsh'"],
    [['bash', 'now'], "unexpected argument 'now'"],
  ])('exits with 2 for complete %j', (args, message) => {
    expect(written('stderr', args)).toStrictEqual({ status: 2, lines: [message] });
  });
});
