import type { HandlerContext, SubscriptionHandlers } from '../consumer/index.ts';
import type { CloudEvent } from '../contracts/index.ts';
import { ProjectionOutdatedError, ProjectionStepError } from './errors.ts';
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
    // read after the event was committed: a rebuild that begins later finds the event in the log
    const control = await state.control();
    const { serving, building } = control;
    const newest = building ?? serving;
    if (projection.version < newest.version) {
      throw new ProjectionOutdatedError(projection.name, projection.version, newest);
    }
    if (building !== undefined) await follow(control, building, event, context);
    await projector.apply(serving.generation, event, context.tx);
  };

  /** A group that fails in the view that is built fails nothing in the one that serves. */
  const follow = async (control: Control, building: BuiltGeneration, event: CloudEvent, context: HandlerContext) => {
    const { partitionkey: group } = event;
    const { tx, log, signal } = context;
    const upTo = Number(event.sequence);
    const note = (code: string, message: string) => state.noteFailed(tx, control, { group, upTo, code, message });
    if (building.version < projection.version) {
      note(
        'PROJECTION_OUTDATED',
        `version ${projection.version} of the code does not build version ${building.version}`,
      );
      return;
    }
    try {
      await projector.catchUp({ generation: building.generation, group, upTo, signal });
    } catch (error) {
      if (!(error instanceof ProjectionStepError)) throw error;
      log.warn('the group cannot be brought into the view that is being built', { error });
      note(error.code, error.message);
    }
  };

  return {
    subscription: projection.subscription,
    handlers: Object.fromEntries(projection.subscription.events.map(({ type }) => [type, handle])),
  };
}
