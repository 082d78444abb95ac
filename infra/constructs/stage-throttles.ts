import { Lazy, Stack } from 'aws-cdk-lib';
import { CfnStage, type HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';

/** Requests of all clients of a route together. */
interface RouteLimits {
  /** Requests per second in the long run. */
  readonly rateLimit: number;
  /** Requests at once. */
  readonly burstLimit: number;
}

/** Of the stages whose route settings are kept here, by route key. */
const throttlesOf = new WeakMap<CfnStage, Map<string, RouteLimits>>();

/** Whether somebody else has given the stage route settings, which would be lost. */
export const hasOtherRouteSettings = (stage: CfnStage): boolean =>
  stage.routeSettings !== undefined && !throttlesOf.has(stage);

/**
 * The throttles of a stage's routes, which become its settings at synth. A stage may name a route in its settings only once the
 * route exists: add a dependency.
 */
export function routeThrottlesOf(stage: CfnStage): Map<string, RouteLimits> {
  const known = throttlesOf.get(stage);
  if (known !== undefined) return known;
  const throttles = new Map<string, RouteLimits>();
  throttlesOf.set(stage, throttles);
  stage.routeSettings = Lazy.any({
    produce: () =>
      throttles.size === 0
        ? undefined
        : Object.fromEntries(
            [...throttles].map(([key, { rateLimit, burstLimit }]) => [
              key,
              { ThrottlingRateLimit: rateLimit, ThrottlingBurstLimit: burstLimit },
            ]),
          ),
  });
  return throttles;
}

/** The stages of an API that exist so far, whoever created them. */
export function stagesOf(api: HttpApi): readonly CfnStage[] {
  const stack = Stack.of(api);
  const apiId = JSON.stringify(stack.resolve(api.apiId));
  return stack.node
    .findAll()
    .filter((construct) => construct instanceof CfnStage)
    .filter((stage) => JSON.stringify(stack.resolve(stage.apiId)) === apiId);
}
