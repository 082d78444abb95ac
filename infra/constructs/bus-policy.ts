import { CfnEventBusPolicy, type EventBus, EventBusPolicy } from 'aws-cdk-lib/aws-events';
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * Allows only the publishers to put events on the bus, whatever other policies allow, because consumers assume that
 * events on the bus are in the log. AWS services are exempt, because a replay has no principal.
 * @param publishers of the relay and the sweeper; `aws:PrincipalArn` has a role's ARN for each of its sessions
 * @see
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
 */
export function denyPutEventsBut(bus: EventBus, publishers: readonly IRole[]): void {
  const { policyDependable } = bus.addToResourcePolicy(
    new PolicyStatement({
      sid: 'OnlyTheOutboxPublishes',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['events:PutEvents'],
      resources: [bus.eventBusArn],
      conditions: {
        ArnNotEquals: { 'aws:PrincipalArn': publishers.map(({ roleArn }) => roleArn) },
        Bool: { 'aws:PrincipalIsAWSService': 'false' },
      },
    }),
  );
  for (const policy of policyDependable instanceof EventBusPolicy ? policyDependable.node.children : []) {
    // it has a statement instead; cdk-nag reads the property all the same, and CDK warns of each read
    if (policy instanceof CfnEventBusPolicy) Object.defineProperty(policy, 'principal', { value: undefined });
  }
}
