import type { HandlerContext, SubscriptionHandlers } from '../consumer/index.ts';
import { type CloudEvent, hasCode } from '../definitions/index.ts';
import { loggable, reasonOf } from '../shared/thrown.ts';
import { ProjectionCatchingUpError, ProjectionOutdatedError, ProjectionRebuildRequiredError } from './errors.ts';
import { changeSince, isSameView } from './generation-schema.ts';
import type { Projection } from './projection.ts';
import type { ProjectionState } from './projection-state.ts';
import { abortRebuild } from './projection-state.ts';
import type { Projector } from './projector.ts';
import type { BuiltGeneration, Control } from './state-items.ts';

export interface ProjectionHandlersDeps<Item> {
  readonly projection: Projection<Item>;
  readonly state: ProjectionState;
  readonly projector: Projector;
}

/**
 * Creates the handlers of the projection's consumer. Each event is first written to the generation that is being built,
 * in separate transactions, and then to the serving generation, in the event's own transaction. The serving generation,
 * before and after the switch, therefore has every handled event.
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
    // no generation can take the event: defer it, so that it is not lost if the deployment is rolled back
    if (building === undefined && change !== undefined) {
      throw new ProjectionRebuildRequiredError(projection.name, serving.generation, change);
    }
    if (building !== undefined) await catchUpBuilding(control, building, event, context);
    if (change === undefined) await projector.apply(serving, event, context.tx);
  };

  /**
   * Reads the control item after the event was committed, so that a rebuild that starts later finds the event in the
   * log. Aborts a rebuild by older code or with another schema, because this code does not add events to it.
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
      if (job === undefined || (await abortRebuild(state, control, job)) === 'conflict') continue;
      log.warn(
        `aborted the rebuild of generation ${building.generation} of '${projection.name}': version ${building.version} of the code started it${building.version < projection.version ? `, and this is version ${projection.version}` : ' with another schema or table'}`,
      );
    }
  };

  const isOutdated = ({ version, madeIn }: BuiltGeneration): boolean =>
    version < projection.version || (version === projection.version && !isSameView(madeIn, projector.madeIn));

  /** A failure in the generation that is being built does not affect the serving generation. */
  const catchUpBuilding = async (
    control: Control,
    building: BuiltGeneration,
    event: CloudEvent,
    context: HandlerContext,
  ) => {
    const { partitionkey: group } = event;
    const { tx, log, signal } = context;
    const upTo = Number(event.sequence);
    try {
      await projector.catchUp({ generation: building.generation, group, upTo, signal });
    } catch (error) {
      if (!hasCode(error, 'PROJECTION_STEP_FAILED')) throw error;
      log.warn('the group cannot be replayed into the generation that is being built', { error: loggable(error) });
      state.noteFailed(tx, control, { group, upTo, ...reasonOf(error) });
    }
  };

  return {
    subscription: projection.subscription,
    handlers: Object.fromEntries(projection.subscription.events.map(({ type }) => [type, handle])),
  };
}
