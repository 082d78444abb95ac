import type { EventBus } from 'aws-cdk-lib/aws-events';
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * Lets nobody but the publishers put events on the bus, whatever their own policies allow: consumers take what is on the
 * bus for what is in the log. Services of AWS are left out, which put events in nobody's name: a replay does.
 * @param publishers of the relay and the sweeper; `aws:PrincipalArn` has a role's ARN for each of its sessions
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
 */
export function denyPutEventsBut(bus: EventBus, publishers: readonly IRole[]): void {
  bus.addToResourcePolicy(
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
}
