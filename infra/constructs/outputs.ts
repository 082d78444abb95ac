import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';

export interface OutputSpec {
  readonly value: string;
  readonly description: string;
}

/**
 * Adds outputs of the stack for operators, `<owner><output>`: `BillingQueueUrl` of the consumer `billing`. The id does not
 * depend on where the construct is; only where another output of the stack has it already, CDK makes one up.
 * @param owner what operators call it, in lower case with hyphens, or a construct's id
 */
export function addOutputs(scope: Construct, owner: string, outputs: Readonly<Record<string, OutputSpec>>): void {
  const group = new Construct(scope, 'Outputs');
  const taken = outputIdsOf(Stack.of(scope));
  for (const [name, { value, description }] of Object.entries(outputs)) {
    const output = new CfnOutput(group, name, { value, description });
    const id = `${inPascalCase(owner)}${name}`;
    if (!taken.has(id)) output.overrideLogicalId(id);
  }
}

const outputIdsOf = (stack: Stack): ReadonlySet<unknown> =>
  new Set(
    stack.node
      .findAll()
      .filter((each) => each instanceof CfnOutput && Stack.of(each) === stack)
      .map((output) => stack.resolve((output as CfnOutput).logicalId)),
  );

const inPascalCase = (name: string): string =>
  name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('');
