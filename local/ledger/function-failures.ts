/** What the functions said last about failing on an event: the reason of a dead letter. */
export interface FunctionFailures {
  /** Takes one line of a function's log; all but errors about an event pass unread. */
  readLine(line: string): void;
  failureOf(consumer: string, eventId: string): string | undefined;
}

/** An error as Powertools logs it. */
interface ErrorLine {
  readonly level?: unknown;
  readonly service?: unknown;
  readonly event_id?: unknown;
  readonly error_code?: unknown;
  readonly error?: { readonly name?: unknown; readonly message?: unknown; readonly thrown_at?: unknown };
}

export function createFunctionFailures(): FunctionFailures {
  const failures = new Map<string, string>();
  return {
    readLine(line) {
      if (!line.includes('"level":"ERROR"')) return;
      const { service, event_id: eventId, error, error_code: code } = parseLine(line);
      if (typeof eventId !== 'string' || error === undefined) return;
      const place = error.thrown_at === undefined ? '' : `, at ${error.thrown_at}`;
      failures.set(
        `${service} ${eventId}`,
        `${code ?? error.name ?? 'Error'}: ${error.message ?? 'without a message'}${place}`,
      );
    },
    failureOf: (consumer, eventId) => failures.get(`${consumer} ${eventId}`),
  };
}

function parseLine(line: string): ErrorLine {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
