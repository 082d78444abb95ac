import { WaybillError } from '../../lib/definitions/index.ts';
import { ownFrameIn } from '../../lib/shared/own-frame.ts';
import type { StartFailure } from '../lambda/start-failures.ts';
import type { LocalRun } from '../run.ts';
import type { Screen } from '../view/screen.ts';

/** A function's code cannot be loaded; the message names the function and its error. */
class FunctionStartError extends WaybillError {
  readonly code = 'LOCAL_FUNCTION_START_FAILED';
}

export interface FailedStart extends Disposable {
  /** Aborts with a FunctionStartError. */
  readonly signal: AbortSignal;
}

type Started = { readonly deployment: Pick<LocalRun['deployment'], 'functions'> } & {
  readonly lambda: Pick<LocalRun['lambda'], 'startFailures'>;
};

/**
 * `Shop/Payments/Function cannot start: TypeError: no, at functions/payments/index.ts:7`.
 * @public drivers print it
 */
export function describeStartFailure({ deployment }: Started, { functionName, error }: StartFailure): string {
  const path = deployment.functions.find((each) => each.functionName === functionName)?.constructPath;
  const name = path?.replace(/\/Resource$/, '') ?? functionName;
  const place = ownFrameIn((error.trace ?? []).join('\n'));
  return `${name} cannot start: ${error.errorType}: ${error.errorMessage}${place === undefined ? '' : `, at ${place}`}`;
}

const NEXT_STEP = {
  watched: 'Fix it: the next start of the function takes the new code.',
  'stays-up': 'Fix it and start again; a run with --watch takes the new code by itself.',
  ends: 'The run ends here: a retry would fail in the same way.',
} as const;

/** Reports at once that a function cannot start, and aborts: unless the code is watched, retries fail in the same way. */
export const stopAtFailedStart = (
  run: Started,
  screen: Pick<Screen, 'warn' | 'paint'>,
  { watch }: { readonly watch: boolean },
): FailedStart => reportFailedStarts(run, screen, watch ? 'watched' : 'ends');

/** The same for a run that stays up. */
export const warnOfFailedStarts = (
  run: Started,
  screen: Pick<Screen, 'warn' | 'paint'>,
  { watch }: { readonly watch: boolean },
): Disposable => reportFailedStarts(run, screen, watch ? 'watched' : 'stays-up');

function reportFailedStarts(
  run: Started,
  screen: Pick<Screen, 'warn' | 'paint'>,
  then: keyof typeof NEXT_STEP,
): FailedStart {
  const controller = new AbortController();
  const { startFailures } = run.lambda;
  const report = (failure: StartFailure) => {
    if (controller.signal.aborted) return;
    const text = describeStartFailure(run, failure);
    screen.warn(`\n${screen.paint.warn('red', text)}\n${NEXT_STEP[then]}\n`);
    if (then === 'ends') controller.abort(new FunctionStartError(text));
  };
  const stopListening = startFailures.onNew(report);
  for (const failure of startFailures.list()) report(failure);
  return { signal: controller.signal, [Symbol.dispose]: stopListening };
}
