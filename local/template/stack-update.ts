import type { Random } from '../seeded-random.ts';
import { changeOf } from './change.ts';
import { dependenciesOf } from './check.ts';
import { DeploymentError, type Rollback } from './errors.ts';
import { notingForeign, withForeign } from './foreign-values.ts';
import type { Scope } from './intrinsics.ts';
import { dependentsOf, visitInRandomOrder } from './random-order.ts';
import type { ResourceActions } from './resource-actions.ts';
import { resourceTypes } from './resources/index.ts';
import { type LiveResource, labelOf, propertiesOf, type StackState } from './stack-state.ts';
import type { StoredValues } from './stored-parameters.ts';
import type { StackTemplate, TemplateResource } from './template.ts';
import { type Tally, tallyOf, type UpdateResult } from './update-result.ts';

export interface StackUpdateDeps {
  readonly actions: ResourceActions;
  readonly random: Random;
  /** Lets time pass between two steps. @throws when the run ends meanwhile: then nothing is rolled back. */
  readonly pause: () => Promise<void>;
  readonly onStep: () => void;
  /** What the functions of the template can refer to, as the stack is at that moment. */
  readonly scopeOf: (state: StackState, template: StackTemplate) => Scope;
  /** @throws DeploymentError for a value that is not in Parameter Store */
  readonly readStored: (template: StackTemplate) => Promise<StoredValues>;
  /** Takes outputs and exports of the template over. */
  readonly publish: (state: StackState, template: StackTemplate) => void;
}

/** What a step did to a logical id. */
type Done =
  | { readonly kind: 'created'; readonly after: LiveResource }
  | { readonly kind: 'updated'; readonly after: LiveResource }
  | { readonly kind: 'replaced'; readonly before: LiveResource; readonly after: LiveResource };

/** A step that did not succeed. */
class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly resource: Pick<TemplateResource, 'stackName' | 'logicalId' | 'type'>;

  constructor(resource: Pick<TemplateResource, 'stackName' | 'logicalId' | 'type'>, cause: unknown) {
    super(`${resource.stackName}/${resource.logicalId}`, { cause });
    this.resource = resource;
  }
}

/**
 * Brings one stack to a newer template, one resource at a time, and then deletes what has left it.
 * @throws DeploymentError after the rollback, when a step failed
 */
export async function updateStack(
  state: StackState,
  template: StackTemplate,
  deps: StackUpdateDeps,
): Promise<UpdateResult> {
  const done = new Map<string, Done>();
  const foreign = new Map<string, unknown>();
  const storedBefore = state.stored;
  state.stored = await deps.readStored(template);
  try {
    await changeResources(state, template, deps, done, foreign);
    publishOutputs(state, template, deps);
  } catch (failure) {
    if (!(failure instanceof StepFailure)) throw failure;
    const { stackName, logicalId, type } = failure.resource;
    state.stored = storedBefore;
    const rollback = await rollBack(state, deps, done);
    throw new DeploymentError(stackName, logicalId, type, failure.cause, { rollback });
  }
  const tally = tallyOf(done);
  for (const [logicalId, live] of state.resources) {
    if (template.resources.has(logicalId)) continue;
    state.leaving.add(live);
    state.resources.delete(logicalId);
  }
  state.template = template;
  state.foreign = foreign;
  await cleanUp(state, deps, tally, ({ template: { deletionPolicy, updateReplacePolicy, logicalId } }) =>
    template.resources.has(logicalId) ? updateReplacePolicy === 'Retain' : deletionPolicy !== 'Delete',
  );
  return tally;
}

async function changeResources(
  state: StackState,
  template: StackTemplate,
  deps: StackUpdateDeps,
  done: Map<string, Done>,
  foreign: Map<string, unknown>,
): Promise<void> {
  const scope = notingForeign(deps.scopeOf(state, template), foreign);
  await visitInRandomOrder([...template.resources.keys()], dependenciesIn(template), deps.random, async (logicalId) => {
    const resource = template.resources.get(logicalId);
    if (resource !== undefined) await changeResource(state, resource, scope, deps, done);
  });
}

/** One step, or none where the resource is as the template has it. @throws StepFailure */
async function changeResource(
  state: StackState,
  resource: TemplateResource,
  scope: Scope,
  { actions, pause, onStep }: StackUpdateDeps,
  done: Map<string, Done>,
): Promise<void> {
  const { logicalId } = resource;
  const before = state.resources.get(logicalId);
  const attempt = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw new StepFailure(resource, cause);
    }
  };

  if (before === undefined) {
    await pause();
    const after = await attempt(() => actions.create(resource, scope));
    state.resources.set(logicalId, after);
    done.set(logicalId, { kind: 'created', after });
    onStep();
    return;
  }
  const wanted = await attempt(() => actions.evaluate(before, resource, scope));
  const type = resourceTypes.get(resource.type);
  const change = type === undefined ? undefined : changeOf(type, propertiesOf(before), wanted.properties);
  if (change?.kind === 'replace') {
    await pause();
    const after = await attempt(() => actions.create(resource, scope));
    state.resources.set(logicalId, after);
    state.leaving.add(before);
    done.set(logicalId, { kind: 'replaced', before, after });
    onStep();
  } else if (change?.kind === 'update') {
    await pause();
    // if it fails, some of it may be done: the rollback then finds what there is to take back
    state.resources.set(logicalId, { ...before, resource: wanted });
    const after = await attempt(() => actions.update(before, resource, wanted));
    state.resources.set(logicalId, after);
    done.set(logicalId, { kind: 'updated', after });
    onStep();
  } else {
    state.resources.set(logicalId, { ...before, template: resource, resource: wanted });
  }
}

function publishOutputs(state: StackState, template: StackTemplate, { publish }: StackUpdateDeps): void {
  try {
    publish(state, template);
  } catch (cause) {
    throw new StepFailure({ stackName: state.stackName, logicalId: 'Outputs', type: 'section of the template' }, cause);
  }
}

/**
 * Goes back to the template before: what was replaced is taken up again, what was updated is updated back, and then all
 * that is new is deleted.
 */
async function rollBack(state: StackState, deps: StackUpdateDeps, done: ReadonlyMap<string, Done>): Promise<Rollback> {
  const { template } = state;
  const isNew = template.resources.size === 0;
  // other stacks stay updated, or are it already: what they give now is not what this one had
  const scope = withForeign(deps.scopeOf(state, template), state.foreign);
  const problems: string[] = [];
  const again = new Map<string, Done>();

  for (const [logicalId, step] of done) {
    if (step.kind === 'updated') continue;
    state.leaving.add(step.after);
    if (step.kind === 'created') {
      state.resources.delete(logicalId);
      continue;
    }
    state.leaving.delete(step.before);
    state.resources.set(logicalId, step.before);
  }
  await visitInRandomOrder([...template.resources.keys()], dependenciesIn(template), deps.random, async (logicalId) => {
    const resource = template.resources.get(logicalId);
    if (resource === undefined) return;
    try {
      await changeResource(state, resource, scope, deps, again);
    } catch (failure) {
      if (!(failure instanceof StepFailure)) throw failure;
      problems.push(`${labelOf(resource)}: ${reasonOf(failure.cause)}`);
    }
  });
  if (problems.length > 0) {
    state.rollbackFailure = `UPDATE_ROLLBACK_FAILED (${problems.join('; ')})`;
    // CloudFormation comes to its clean-up only once all is back: what is not may refer to what is new
    const undeleted = [...state.leaving].map((live) => `${nameOf(live)}: it stays, since the rollback has failed`);
    return { state: 'UPDATE_ROLLBACK_FAILED', problems, undeleted };
  }
  const undeleted: string[] = [];
  const outcome = { deleted: [], retained: [], undeleted };
  // what this very update has made goes, unless it is to stay whatever happens
  await cleanUp(state, deps, outcome, (live) => {
    const step = done.get(live.template.logicalId);
    return step?.kind === 'created' && live.template.deletionPolicy === 'Retain';
  });
  return { state: isNew ? 'ROLLBACK_COMPLETE' : 'UPDATE_ROLLBACK_COMPLETE', problems, undeleted };
}

/** Deletes what has left the stack, each before all that it depended on; what cannot be deleted stays behind. */
async function cleanUp(
  { leaving }: StackState,
  { actions, random, pause, onStep }: StackUpdateDeps,
  tally: Pick<Tally, 'deleted' | 'retained' | 'undeleted'>,
  isKept: (live: LiveResource) => boolean,
): Promise<void> {
  const byId = Map.groupBy(leaving, ({ template }) => template.logicalId);
  const ids = [...byId.keys()];
  const dependents = dependentsOf(ids, (id) =>
    (byId.get(id) ?? []).flatMap(({ template }) => [...dependenciesOf(template)]),
  );
  await visitInRandomOrder(ids, dependents, random, async (logicalId) => {
    for (const live of byId.get(logicalId) ?? []) {
      const { constructPath } = live.template;
      if (isKept(live)) {
        leaving.delete(live);
        tally.retained.push(constructPath);
        continue;
      }
      await pause();
      try {
        await actions.delete(live);
        tally.deleted.push(constructPath);
      } catch (error) {
        tally.undeleted.push(`${nameOf(live)}: DELETE_FAILED, ${reasonOf(error)}`);
      }
      leaving.delete(live);
      onStep();
    }
  });
}

const dependenciesIn = (template: StackTemplate) => (logicalId: string) => {
  const resource = template.resources.get(logicalId);
  return resource === undefined ? [] : dependenciesOf(resource);
};

const nameOf = ({ template, made }: LiveResource): string => `${labelOf(template)} ${made.physicalId}`;

const reasonOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
