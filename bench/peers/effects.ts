import type { LocalRun } from '../../local/run.ts';

/** A write of a consumer's handler, as DynamoDB committed it. */
export interface Effect {
  readonly group: string;
  readonly sequence: number;
  /** From the event's own time to the commit of its effect, by the machine's clock. */
  readonly latencyMs: number;
  /** `performance.now()` of the commit. */
  readonly at: number;
}

export interface Effects extends Disposable {
  /** In the order of their commits, since the last `reset`. */
  list(): readonly Effect[];
  reset(): void;
}

/** Watches the table that handlers write to. State that producers write there has no sequence, and is no effect. */
export function watchEffects({ dynamoDb }: Pick<LocalRun, 'dynamoDb'>, effectsTableName: string): Effects {
  let effects: Effect[] = [];
  const stopListening = dynamoDb.onCommit((changes) => {
    for (const { tableName, after } of changes) {
      if (tableName !== effectsTableName || after?.['sequence'] === undefined) continue;
      effects.push({
        group: after['group']?.S ?? '',
        sequence: Number(after['sequence'].N),
        latencyMs: Date.now() - Date.parse(after['time']?.S ?? ''),
        at: performance.now(),
      });
    }
  });
  return {
    list: () => effects,
    reset() {
      effects = [];
    },
    [Symbol.dispose]: stopListening,
  };
}
