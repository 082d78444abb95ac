import { AwsError } from '../endpoint/aws-error.ts';
import { type JsonService, USER } from '../endpoint/service.ts';
import { DeploymentError } from './errors.ts';
import { objectAt, stringAt } from './json.ts';
import { asParameterValue } from './parameters.ts';
import { namesUsedIn } from './references.ts';
import type { StackTemplate } from './template.ts';

/** Values of a stack's parameters that are in Parameter Store, by the parameter's name in the template. */
export type StoredValues = ReadonlyMap<string, unknown>;

/**
 * Reads what the template refers to. Others are left alone, such as the version of CDK's bootstrap stack, which a run
 * does not have.
 * @throws DeploymentError for one that is not in Parameter Store
 */
export async function readStoredParameters(template: StackTemplate, ssm: JsonService): Promise<StoredValues> {
  const used = namesUsedIn([
    ...[...template.resources.values()].map(({ properties }) => properties),
    ...template.outputs.map(({ value, exportName }) => [value, exportName]),
  ]);
  const values = new Map<string, unknown>();
  for (const [name, parameter] of template.storedParameters) {
    if (!used.includes(name)) continue;
    try {
      const output = await ssm.handle('GetParameter', { Name: parameter.storedName }, USER);
      values.set(name, asParameterValue(parameter, stringAt(objectAt(output, 'Parameter'), 'Value') ?? ''));
    } catch (cause) {
      if (!(cause instanceof AwsError)) throw cause;
      throw new DeploymentError(template.stackName, name, parameter.type, missing(parameter.storedName, cause));
    }
  }
  return values;
}

/** The first sentence is CloudFormation's. */
const missing = (storedName: string, cause: AwsError): AwsError =>
  new AwsError(
    cause.code,
    `Unable to fetch parameters [${storedName}] from parameter store for this account. A stack that is deployed before this one has to create it`,
    { cause },
  );
