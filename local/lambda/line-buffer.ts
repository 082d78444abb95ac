export interface LineBuffer {
  add(text: string): void;
  /** Gives out what has no line end yet. */
  flush(): void;
}

/** Cuts a stream of text into lines. */
export function createLineBuffer(onLine: (line: string) => void): LineBuffer {
  let rest = '';
  return {
    add(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    flush() {
      if (rest === '') return;
      const line = rest;
      rest = '';
      onLine(line);
    },
  };
}
