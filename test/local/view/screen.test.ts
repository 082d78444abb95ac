import { describe, expect, it } from 'vitest';
import { createScreen, type Output } from '../../../local/view/screen.ts';

const open = (terminal: { readonly isTTY?: boolean; readonly columns?: number } = {}, terminalType = 'xterm') => {
  const written: string[] = [];
  const out: Output = { ...terminal, write: (text) => written.push(`out: ${text}`) };
  const err: Output = { write: (text) => written.push(`err: ${text}`) };
  return { screen: createScreen({ out, err, terminalType }), written };
};

describe('createScreen', () => {
  it('writes lines to its output and warnings to stderr', () => {
    const { screen, written } = open();

    screen.line('started');
    screen.warn('careful');

    expect(written).toEqual(['out: started\n', 'err: careful\n']);
  });

  it('shows no block if the output is not a terminal', () => {
    const { screen, written } = open();

    screen.live(['one']);

    expect(screen.isLive).toBe(false);
    expect(written).toEqual([]);
  });

  it('shows no block on a terminal that cannot move its cursor', () => {
    expect(open({ isTTY: true }, 'dumb').screen.isLive).toBe(false);
  });

  it('replaces the block in place', () => {
    const { screen, written } = open({ isTTY: true });

    screen.live(['one', 'two']);
    screen.live(['three']);

    expect(written).toEqual(['out: one\ntwo\n', 'out: \x1b[2A\x1b[Jthree\n']);
  });

  it('puts lines above the block', () => {
    const { screen, written } = open({ isTTY: true });
    screen.live(['one']);

    screen.line('news');

    expect(written.at(-1)).toBe('out: \x1b[1A\x1b[Jnews\none\n');
  });

  it('removes the block while it writes a warning', () => {
    const { screen, written } = open({ isTTY: true });
    screen.live(['one']);

    screen.warn('careful');

    expect(written.slice(1)).toEqual(['out: \x1b[1A\x1b[J', 'err: careful\n', 'out: one\n']);
  });

  it('wraps lines of the block at the width of the terminal, and removes all of them', () => {
    const { screen, written } = open({ isTTY: true, columns: 37 });

    screen.live(['  waiting   orders 12 · payments 3 · mail 1']);
    screen.live(['one']);

    expect(written).toEqual([
      'out:   waiting   orders 12 · payments 3 ·\n            mail 1\n',
      'out: \x1b[2A\x1b[Jone\n',
    ]);
  });

  it('treats a terminal without a size as one of 80 columns', () => {
    const { screen, written } = open({ isTTY: true, columns: 0 });

    screen.live(['x'.repeat(100)]);

    expect(written).toEqual([`out: ${'x'.repeat(79)}\n${'x'.repeat(21)}\n`]);
  });

  it('leaves the block in place after it is kept', () => {
    const { screen, written } = open({ isTTY: true });
    screen.live(['one']);

    screen.keepBlock();
    screen.line('summary');

    expect(written.at(-1)).toBe('out: summary\n');
  });

  it('writes logs to the given output', () => {
    const written: string[] = [];
    const outputTo = (name: string): Output => ({ write: (text) => written.push(`${name}: ${text}`) });
    const screen = createScreen({
      out: outputTo('out'),
      err: outputTo('err'),
      logs: outputTo('logs'),
      terminalType: undefined,
    });

    screen.log('event handled');

    expect(written).toEqual(['logs: event handled\n']);
  });

  it.each([
    [{ isTTY: true }, 'xterm', undefined, '\x1b[31mno\x1b[39m'],
    [{ isTTY: true }, 'xterm', '', '\x1b[31mno\x1b[39m'],
    [{ isTTY: true }, 'xterm', '1', 'no'],
    [{ isTTY: true }, 'dumb', undefined, 'no'],
    [{}, 'xterm', undefined, 'no'],
  ])('has colours on terminals only: %j, TERM=%s, NO_COLOR=%s', (terminal, terminalType, noColor, painted) => {
    const out: Output = { ...terminal, write: () => {} };

    const { paint } = createScreen({ out, err: { write: () => {} }, terminalType, noColor });

    expect(paint.line('red', 'no')).toBe(painted);
    expect(paint.warn('red', 'no')).toBe('no');
  });
});
