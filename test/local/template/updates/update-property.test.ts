import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dependenciesOf } from '../../../../local/template/check.ts';
import { DeploymentError } from '../../../../local/template/errors.ts';
import type { LiveResource } from '../../../../local/template/stack-state.ts';
import { anyHub, type ConsumerId, type HubPlan, TYPES, templateOf } from './any-template.ts';
import { openUpdateRig, type UpdateRig } from './rig.ts';

const RUNS = { numRuns: 60, seed: 20_261_130 };

const liveOf = ({ live }: UpdateRig): readonly LiveResource[] =>
  [...live.states.values()].flatMap((state) => [...state.resources.values(), ...state.leaving]);

const namesOf = ({ made: { physicalId, arn } }: LiveResource): readonly string[] =>
  [physicalId, arn ?? ''].filter((name) => name.length > 12);

/** Sees to it that nothing that runs refers to what is gone, and that no step comes before what it depends on. */
function watchSteps(rig: UpdateRig) {
  const everNamed = new Map<string, LiveResource>();
  return () => {
    const now = liveOf(rig);
    for (const live of now) for (const name of namesOf(live)) everNamed.set(name, live);
    const named = new Set(now.flatMap(namesOf));
    const gone = [...everNamed.keys()].filter((name) => !named.has(name));
    for (const { template, resource } of now) {
      const text = JSON.stringify(resource.properties);
      const dangling = gone.filter((name) => text.includes(JSON.stringify(name).slice(1, -1)));
      expect(dangling, `${template.logicalId} refers to what is deleted`).toEqual([]);
    }
    for (const state of rig.live.states.values()) {
      for (const { template } of state.resources.values()) {
        const isNewer = state.template.resources.get(template.logicalId) !== template;
        if (!isNewer) continue;
        for (const id of dependenciesOf(template)) {
          const dependency = state.resources.get(id);
          const isDone = dependency !== undefined && state.template.resources.get(id) !== dependency.template;
          expect(isDone || !/^[A-Z]/.test(id) || id.startsWith('AWS::'), `${template.logicalId} before ${id}`).toBe(
            true,
          );
        }
      }
    }
  };
}

/** Events before, between and after all steps; who is to get each is told by the rules as they are at that moment. */
function createTraffic(rig: UpdateRig) {
  const due: { readonly functionName: string; readonly queueArn: string; readonly body: string }[] = [];
  let sent = 0;
  return {
    due,
    async send() {
      for (const type of TYPES) {
        const detail = { type, number: ++sent };
        const { mappings } = rig.live.describe();
        for (const queueArn of await rig.queuesOf(type)) {
          const { functionName = '' } = mappings.find(({ eventSourceArn }) => eventSourceArn === queueArn) ?? {};
          due.push({ functionName, queueArn, body: JSON.stringify(detail) });
        }
        await rig.putEvent(detail);
      }
      await rig.settle();
    },
    lost() {
      return due.filter(({ functionName, queueArn, body }) => {
        const isHandled = rig.lambda.handled.get(functionName)?.includes(body) === true;
        return !isHandled && !rig.bodiesIn(queueArn).includes(body);
      });
    },
  };
}

const freshSnapshot = async (plan: HubPlan) => {
  await using rig = await openUpdateRig(templateOf(plan));
  return await rig.snapshot();
};

/** Queues that left with their consumer and stay by their policy. */
const retainedQueues = (first: HubPlan, second: HubPlan): readonly string[] =>
  (Object.keys(first.consumers) as ConsumerId[]).filter(
    (id) => first.consumers[id]?.keepsQueue === true && second.consumers[id] === undefined,
  );

describe('between any two templates, in any order that the dependencies allow, while events flow', () => {
  it('no step violates a dependency, nothing is lost, and the result equals a new deployment', async () => {
    await fc.assert(
      fc.asyncProperty(anyHub, anyHub, fc.nat(), async (first, second, seed) => {
        fc.pre(retainedQueues(first, second).length === 0);
        await using rig = await openUpdateRig(templateOf(first));
        const traffic = createTraffic(rig);
        const check = watchSteps(rig);
        rig.onStep(async () => {
          check();
          await traffic.send();
        });

        await traffic.send();
        const result = await rig.update(templateOf(second), seed);
        await traffic.send();

        expect(result.undeleted).toEqual([]);
        expect(traffic.lost()).toEqual([]);
        expect(await rig.snapshot()).toEqual(await freshSnapshot(second));
      }),
      RUNS,
    );
  }, 240_000);

  it('a resource retained by its policy stays unchanged, with its contents', async () => {
    await fc.assert(
      fc.asyncProperty(anyHub, anyHub, fc.nat(), async (first, second, seed) => {
        const kept = retainedQueues(first, second);
        fc.pre(kept.length > 0);
        await using rig = await openUpdateRig(templateOf(first));
        const before = rig.live
          .describe()
          .queues.filter(({ logicalId }) => kept.some((id) => logicalId === `${id}Queue`));

        const { retained } = await rig.update(templateOf(second), seed);

        expect(retained.toSorted()).toEqual(kept.map((id) => `Hub/${id}Queue`).toSorted());
        for (const { arn = '' } of before) expect(rig.bodiesIn(arn)).toEqual([]);
      }),
      { ...RUNS, numRuns: 15 },
    );
  }, 240_000);

  it('an update that fails at any call is rolled back, and nothing is lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyHub,
        anyHub,
        fc.nat(),
        fc.integer({ min: 1, max: 40 }),
        async (first, second, seed, failAt) => {
          await using rig = await openUpdateRig(templateOf(first));
          const before = await rig.snapshot();
          const traffic = createTraffic(rig);
          rig.onStep(traffic.send);
          let failure: unknown;
          try {
            const { undeleted } = await rig.update(templateOf(second), seed, failAt);
            // only the clean-up may fail without taking the update back
            fc.pre(undeleted.length > 0);
            return;
          } catch (error) {
            failure = error;
          }
          if (!(failure instanceof DeploymentError)) throw failure;
          expect(failure.rollback).toEqual({ state: 'UPDATE_ROLLBACK_COMPLETE', problems: [], undeleted: [] });
          expect(await rig.snapshot()).toEqual(before);
          await traffic.send();
          expect(traffic.lost()).toEqual([]);
        },
      ),
      RUNS,
    );
  }, 240_000);
});
