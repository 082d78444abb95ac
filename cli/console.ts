import { createInterface } from 'node:readline/promises';

/** The output of a command, and its questions. */
export interface CommandConsole {
  /** Whether the result goes to a terminal, and not into a pipe or a file. */
  readonly isTerminal: boolean;
  /** A line of the result. */
  line(text: string): void;
  /** A line that is not part of the result. */
  note(text: string): void;
  /** Shows progress, on a terminal only. */
  progress(text: string): void;
  /** @returns undefined without a terminal */
  confirm(question: string): Promise<boolean | undefined>;
}

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY'>;

export interface ConsoleOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Output;
  readonly stderr: NodeJS.WriteStream;
}

const CLEAR_LINE = '\r\u001b[K';

export function createCommandConsole({ stdin, stdout, stderr }: ConsoleOptions): CommandConsole {
  let isProgressShown = false;
  const clear = () => {
    if (isProgressShown) stderr.write(CLEAR_LINE);
    isProgressShown = false;
  };
  return {
    isTerminal: stdout.isTTY === true,
    line(text) {
      clear();
      stdout.write(`${text}\n`);
    },
    note(text) {
      clear();
      stderr.write(`${text}\n`);
    },
    progress(text) {
      if (!stderr.isTTY) return;
      stderr.write(`${CLEAR_LINE}${text}`);
      isProgressShown = true;
    },
    async confirm(question) {
      if (!stdin.isTTY || !stderr.isTTY) return undefined;
      clear();
      using terminal = createInterface({ input: stdin, output: stderr });
      return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
    },
  };
}
