/** The part of a terminal or pipe that is written to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

import { createPaint, type Paint } from './paint.ts';
import { wrap } from './wrap.ts';

/** Where everything that a person reads goes: lines that stay, and under them a block that changes in place. */
export interface Screen {
  /** Whether a block can be shown: the output is a terminal. */
  readonly isLive: boolean;
  line(text: string): void;
  /** A line about something that is wrong: on stderr. */
  warn(text: string): void;
  /** A line of a log. */
  log(text: string): void;
  /** Colours for lines of each kind, as far as their output shows them. */
  readonly paint: { readonly line: Paint; readonly warn: Paint; readonly log: Paint };
  /** Replaces the block; nothing happens where it would not be seen. */
  live(lines: readonly string[]): void;
  /** Lets the block stand as it is and begins below it. */
  keepBlock(): void;
}

export interface ScreenOptions {
  readonly out: Output;
  readonly err: Output;
  /** Where logs go. @default where `out` goes */
  readonly logs?: Output;
  /** `TERM`; a `dumb` one cannot move its cursor. */
  readonly terminalType: string | undefined;
  /** `NO_COLOR`: any text takes the colours away. @default colours on terminals */
  readonly noColor?: string | undefined;
}

const DEFAULT_COLUMNS = 80;

export function createScreen({ out, err, logs = out, terminalType, noColor = '' }: ScreenOptions): Screen {
  const isTerminal = (output: Output) => output.isTTY === true && terminalType !== 'dumb';
  const isLive = isTerminal(out);
  /** As it was given, and as it is shown: a line that the terminal wraps by itself would count double when it is taken away. */
  let block: readonly string[] = [];
  let shown: readonly string[] = [];

  const erase = () => (shown.length === 0 ? '' : `\x1b[${shown.length}A\x1b[J`);
  const paint = () => {
    shown = block.flatMap((line) => wrap(line, widthOf(out) - 1));
    return shown.map((line) => `${line}\n`).join('');
  };

  const writeTo = (output: Output) => (text: string) => {
    // one write where one will do: nothing else comes between
    if (output === out) return void out.write(`${erase()}${text}\n${paint()}`);
    if (block.length > 0) out.write(erase());
    output.write(`${text}\n`);
    if (block.length > 0) out.write(paint());
  };
  const paintFor = (output: Output) => createPaint(isTerminal(output) && noColor === '');

  return {
    isLive,
    line: writeTo(out),
    warn: writeTo(err),
    log: writeTo(logs),
    paint: { line: paintFor(out), warn: paintFor(err), log: paintFor(logs) },
    live(lines) {
      if (!isLive) return;
      const before = erase();
      block = lines;
      out.write(`${before}${paint()}`);
    },
    keepBlock() {
      block = [];
      shown = [];
    },
  };
}

/** A terminal that was not told its size says 0. */
const widthOf = ({ columns = 0 }: Output): number => (columns > 0 ? columns : DEFAULT_COLUMNS);
