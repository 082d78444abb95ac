/** The part of a terminal or pipe that is written to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Where everything that a person reads goes: lines that stay, and under them a block that changes in place. */
export interface Screen {
  /** Whether a block can be shown: the output is a terminal. */
  readonly isLive: boolean;
  line(text: string): void;
  /** A line about something that is wrong: on stderr. */
  warn(text: string): void;
  /** Replaces the block; nothing happens where it would not be seen. */
  live(lines: readonly string[]): void;
  /** Lets the block stand as it is and begins below it. */
  keepBlock(): void;
}

export interface ScreenOptions {
  readonly out: Output;
  readonly err: Output;
  /** `TERM`; a `dumb` one cannot move its cursor. */
  readonly terminalType: string | undefined;
}

const DEFAULT_COLUMNS = 80;

export function createScreen({ out, err, terminalType }: ScreenOptions): Screen {
  const isLive = out.isTTY === true && terminalType !== 'dumb';
  let block: readonly string[] = [];

  /** Wrapped lines would count double when the block is taken away. */
  const shorten = (line: string) => line.slice(0, (out.columns ?? DEFAULT_COLUMNS) - 1);
  const erase = () => (block.length === 0 ? '' : `\x1b[${block.length}A\x1b[J`);
  const paint = () => block.map((line) => `${shorten(line)}\n`).join('');

  return {
    isLive,
    line: (text) => void out.write(`${erase()}${text}\n${paint()}`),
    warn(text) {
      if (out === err || block.length === 0) return void err.write(`${erase()}${text}\n${paint()}`);
      out.write(erase());
      err.write(`${text}\n`);
      out.write(paint());
    },
    live(lines) {
      if (!isLive) return;
      const before = erase();
      block = lines;
      out.write(`${before}${paint()}`);
    },
    keepBlock() {
      block = [];
    },
  };
}
