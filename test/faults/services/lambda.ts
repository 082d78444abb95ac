import type { Context } from 'aws-lambda';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { createExecution, type Execution, type ExecutionDeps } from '../execution.ts';

/** Invokes functions: an invocation ends with an answer, an error, a crash, or a time-out. */
export interface Lambda {
  /** @param done hears of the end, once; of nothing when there is no answer */
  invoke<Answer>(
    name: string,
    timeoutMs: number,
    run: (execution: Execution, context: Context) => Promise<Answer>,
    done: (answer: Answer | undefined) => void,
  ): void;
}

/** How often what is left of an invocation goes on when its environment is used again. */
const THAWED_RATIO = 0.5;

export function createLambda(deps: ExecutionDeps): Lambda {
  const { sim, trace } = deps;
  let invocations = 0;
  return {
    invoke<Answer>(
      name: string,
      timeoutMs: number,
      run: (execution: Execution, context: Context) => Promise<Answer>,
      done: (answer: Answer | undefined) => void,
    ) {
      invocations += 1;
      const endsAt = sim.now() + timeoutMs;
      let ended = false;
      const end = (how: string, answer?: Answer) => {
        if (ended) return;
        ended = true;
        cancelTimeout();
        trace(`${execution.name}: ${how}`);
        done(answer);
      };
      const execution = createExecution(`${name}/${invocations}`, deps, () => {
        sim.after(1, () => end('died'));
      });
      const cancelTimeout = sim.after(timeoutMs, () => {
        end('timed out');
        if (!execution.lingers()) execution.die();
      });
      const context = { ...lambdaContext(), getRemainingTimeInMillis: () => Math.max(endsAt - sim.now(), 0) };
      const leave = () => {
        if (sim.random() >= THAWED_RATIO) execution.die();
      };
      run(execution, context).then(
        (answer) => {
          end('returned', answer);
          leave();
        },
        (error: unknown) => {
          end(`threw ${String(error)}`);
          leave();
        },
      );
    },
  };
}
