import type { EngineClock } from '../clock.ts';
import { createRandom } from '../seeded-random.ts';
import { problemsOfUpdate } from './check-update.ts';
import type { DeployableAssembly, LiveStacks } from './deploy.ts';
import { DeploymentError, TemplateRefusedError } from './errors.ts';
import { emptyStack } from './stack-state.ts';
import { updateStack } from './stack-update.ts';
import { addTally, emptyTally, type UpdateResult } from './update-result.ts';

export interface UpdateOptions {
  /** Draws the order of what may come in any order: the same seed gives the same. @default 1 */
  readonly seed?: number;
  /** Milliseconds on the run's clock between two steps. @default 0 */
  readonly pace?: number;
}

export interface UpdateDeps {
  readonly clock: EngineClock;
  /** Ends an update under way as it is. */
  readonly signal: AbortSignal;
  /** Called after each step, and at the end. @default nobody is told */
  readonly onStep?: () => void;
}

/** A newer assembly can be deployed over what runs. */
export interface Updates {
  /**
   * Stack by stack, in the order of the assembly; a stack that the assembly does not have any more stays, as it does
   * under `cdk deploy`.
   * @throws TemplateRefusedError before anything is touched
   * @throws DeploymentError when a step failed: its stack is rolled back, stacks before it stay updated
   */
  update(next: DeployableAssembly, options?: UpdateOptions): Promise<UpdateResult>;
  /** Name of the stack that is being updated; undefined when none is. */
  underWay(): string | undefined;
}

const DEFAULT_SEED = 1;

export function createUpdates(live: LiveStacks, { clock, signal, onStep = () => {} }: UpdateDeps): Updates {
  let underWay: string | undefined;

  const refuse = (problems: readonly string[]) => {
    if (problems.length > 0) throw new TemplateRefusedError(problems, { what: 'the update cannot be made' });
  };

  const apply = async (next: DeployableAssembly, { seed = DEFAULT_SEED, pace = 0 }: UpdateOptions) => {
    const random = createRandom(seed);
    const tally = emptyTally();
    const pause = pauses(clock, pace, signal);
    const updatedStacks: string[] = [];
    live.useAssetsOf(next);
    for (const template of next.stacks) {
      underWay = template.stackName;
      const existing = live.states.get(template.stackName);
      const state = existing ?? emptyStack({ ...template, resources: new Map(), outputs: [] });
      live.states.set(template.stackName, state);
      try {
        const own = await updateStack(state, template, { ...live, random, pause, onStep });
        if (Object.values(own).some((paths: readonly string[]) => paths.length > 0)) {
          updatedStacks.push(template.stackName);
        }
        addTally(tally, own);
      } catch (error) {
        if (existing === undefined) live.states.delete(template.stackName);
        throw error instanceof DeploymentError ? error.after(updatedStacks) : error;
      }
    }
    return tally;
  };

  return {
    async update(next, options = {}) {
      if (underWay !== undefined) {
        refuse([`${underWay}: is being updated, and takes no other update meanwhile; wait until that is done`]);
      }
      underWay = next.stacks.at(0)?.stackName;
      try {
        refuse(await problemsOfUpdate(live, next));
        return await apply(next, options);
      } finally {
        underWay = undefined;
        // outputs change without a step
        onStep();
      }
    },
    underWay: () => underWay,
  };
}

/** The first step waits for nothing. */
function pauses(clock: EngineClock, paceMs: number, signal: AbortSignal): () => Promise<void> {
  let isFirst = true;
  return async () => {
    signal.throwIfAborted();
    if (isFirst || paceMs === 0) {
      isFirst = false;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        cancel();
        reject(signal.reason);
      };
      const cancel = clock.schedule(paceMs, () => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  };
}
