import type { HandlerContext, SubscriptionHandlers } from '../consumer/index.ts';
import { type CloudEvent, hasCode } from '../contracts/index.ts';
import { loggable, reasonOf } from '../shared/thrown.ts';
import { ProjectionCatchingUpError, ProjectionOutdatedError, ProjectionRebuildRequiredError } from './errors.ts';
import { giveUp } from './give-up.ts';
import { changeSince, isSameView } from './made-in.ts';
import type { Projection } from './projection.ts';
import type { ProjectionState } from './projection-state.ts';
import type { Projector } from './projector.ts';
import type { BuiltGeneration, Control } from './state-items.ts';

export interface ProjectionHandlersDeps<Item> {
  readonly projection: Projection<Item>;
  readonly state: ProjectionState;
  readonly projector: Projector;
}

/**
 * What the projection's consumer serves. Of each event the generation that is built comes first, in transactions of
 * its own, then the one that serves, in the event's: so whatever serves, now or after a switch, misses no event that
 * was handled.
 *
 * @example
 * export const handler = createConsumer(createProjectionHandlers(runtime), runtime);
 */
export function createProjectionHandlers<Item>(deps: ProjectionHandlersDeps<Item>): SubscriptionHandlers {
  const { projection, state, projector } = deps;
  const handle = async (event: CloudEvent, context: HandlerContext): Promise<void> => {
    const control = await currentControl(event, context);
    const { serving, building } = control;
    const newest = building ?? serving;
    if (projection.version < newest.version) {
      throw new ProjectionOutdatedError(projection.name, projection.version, newest);
    }
    const change = changeSince(serving, projector.madeIn);
    // nothing that could serve would take the event: it waits, so that it is not missing after a deployment that fails
    if (building === undefined && change !== undefined) {
      throw new ProjectionRebuildRequiredError(projection.name, serving.generation, change);
    }
    if (building !== undefined) await follow(control, building, event, context);
    if (change === undefined) await projector.apply(serving, event, context.tx);
  };

  /**
   * Read after the event was committed: a rebuild that begins later finds the event in the log. What older code was
   * building, or code of another view's schema, is given up, once: this code does not build it, and can therefore not let
   * it serve.
   */
  const currentControl = async ({ partitionkey }: CloudEvent, { log, signal }: HandlerContext): Promise<Control> => {
    for (;;) {
      const control = await state.control();
      const { serving, building } = control;
      if (serving.madeIn === undefined) {
        await state.adopt(control, projector.madeIn);
        continue;
      }
      if (building === undefined || !isOutdated(building)) return control;
      if (signal.aborted) throw new ProjectionCatchingUpError(projection.name, partitionkey, building.generation);
      const job = await state.job();
      if (job === undefined || (await giveUp(state, control, job)) === 'conflict') continue;
      log.warn(
        `generation ${building.generation} of '${projection.name}' is given up: version ${building.version} of the code was building it${building.version < projection.version ? `, and this is version ${projection.version}` : ' with another schema or in another table'}`,
      );
    }
  };

  const isOutdated = ({ version, madeIn }: BuiltGeneration): boolean =>
    version < projection.version || (version === projection.version && !isSameView(madeIn, projector.madeIn));

  /** A group that fails in the view that is built fails nothing in the one that serves. */
  const follow = async (control: Control, building: BuiltGeneration, event: CloudEvent, context: HandlerContext) => {
    const { partitionkey: group } = event;
    const { tx, log, signal } = context;
    const upTo = Number(event.sequence);
    try {
      await projector.catchUp({ generation: building.generation, group, upTo, signal });
    } catch (error) {
      if (!hasCode(error, 'PROJECTION_STEP_FAILED')) throw error;
      log.warn('the group cannot be brought into the view that is being built', { error: loggable(error) });
      state.noteFailed(tx, control, { group, upTo, ...reasonOf(error) });
    }
  };

  return {
    subscription: projection.subscription,
    handlers: Object.fromEntries(projection.subscription.events.map(({ type }) => [type, handle])),
  };
}
