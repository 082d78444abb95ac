import { Annotations, CfnOutput, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';

export interface OutputSpec {
  readonly value: string;
  readonly description: string;
}

/**
 * Of the 200 that a template takes, the rest is for outputs and exports of the stack's own.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
const MAX_OUTPUTS = 150;

/**
 * Adds outputs of the stack for operators, `<owner><output>`: `BillingQueueUrl` of the consumer `billing`. The id does not
 * depend on where the construct is; only where another output of the stack has it already, CDK makes one up. A stack that has
 * no place for them gets a warning instead: a template with too many outputs could not be deployed.
 * @param owner what operators call it, in lower case with hyphens, or a construct's id
 */
export function addOutputs(scope: Construct, owner: string, outputs: Readonly<Record<string, OutputSpec>>): void {
  const taken = outputIdsOf(Stack.of(scope));
  if (taken.size + Object.keys(outputs).length > MAX_OUTPUTS) {
    Annotations.of(scope).addWarningV2(
      'waybill:outputs-left-out',
      `the stack has ${taken.size} outputs and a template takes 200: those of '${owner}' (${Object.keys(outputs).join(', ')}) are left out; move some consumers to another stack, or look the names up in the consoles`,
    );
    return;
  }
  const group = new Construct(scope, 'Outputs');
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
