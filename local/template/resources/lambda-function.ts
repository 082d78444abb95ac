import { statSync } from 'node:fs';
import { type FunctionConfiguration, isRecursiveLoop, RUNTIMES } from '../../lambda/configuration.ts';
import type { Engines } from '../engines.ts';
import { objectAt, stringAt } from '../json.ts';
import { optionalNumber, requiredText } from '../property-values.ts';
import { resourceName } from '../resource-name.ts';
import type { CreatedResource, ResourceToCreate, ResourceType } from '../resource-type.ts';

export const lambdaFunction: ResourceType = {
  type: 'AWS::Lambda::Function',
  properties: {
    Architectures: 'without-effect',
    Code: { S3Bucket: 'without-effect', S3Key: 'used' },
    Description: 'without-effect',
    Environment: { Variables: 'used' },
    EphemeralStorage: 'without-effect',
    FunctionName: 'used',
    Handler: 'used',
    KmsKeyArn: 'without-effect',
    LoggingConfig: {
      ApplicationLogLevel: 'without-effect',
      LogFormat: 'without-effect',
      LogGroup: 'used',
      SystemLogLevel: 'without-effect',
    },
    MemorySize: 'used',
    PackageType: 'used',
    RecursiveLoop: 'used',
    ReservedConcurrentExecutions: 'used',
    Role: 'used',
    Runtime: 'used',
    Tags: 'without-effect',
    Timeout: 'used',
    TracingConfig: 'without-effect',
  },
  attributes: ['Arn'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html */
  updates: { replacedBy: ['FunctionName', 'PackageType'], nameProperty: 'FunctionName' },

  refuse({ Code, PackageType, RecursiveLoop, Runtime }, assetPaths) {
    const key = stringAt(Code, 'S3Key');
    const folder = key === undefined ? undefined : assetPaths.get(key);
    const problems = [
      PackageType === 'Image' && `property 'PackageType' is 'Image'; the local run has 'Zip' only`,
      typeof Runtime === 'string' &&
        !RUNTIMES.includes(Runtime) &&
        `property 'Runtime' is '${Runtime}'; the local run has '${RUNTIMES.join("', '")}' only`,
      typeof RecursiveLoop === 'string' &&
        !isRecursiveLoop(RecursiveLoop) &&
        `property 'RecursiveLoop' is '${RecursiveLoop}'; allowed are 'Allow' and 'Terminate'`,
      key !== undefined &&
        folder === undefined &&
        `property 'Code.S3Key' is '${key}', which is no asset of the assembly; use Code.fromAsset`,
      folder !== undefined && !isFolder(folder) && `its code '${folder}' is no folder; give Code.fromAsset a folder`,
    ];
    return problems.filter((problem) => problem !== false);
  },

  async create(resource, { assetPaths, engines }) {
    const configuration = configurationOf(resource, assetPaths);
    await engines.lambda.createFunction(configuration);
    return describe(configuration, engines);
  },

  // invocations under way end with the code that they began with
  async update(_before, after, { assetPaths, engines }) {
    const configuration = configurationOf(after, assetPaths);
    engines.lambda.updateFunction(configuration);
    return describe(configuration, engines);
  },

  async delete({ made }, { engines }) {
    await engines.lambda.deleteFunction(made.physicalId);
  },
};

function describe(
  { functionName, roleArn, codeFolder, logGroup }: FunctionConfiguration,
  { lambda }: Engines,
): CreatedResource {
  const arn = lambda.functionArn(functionName);
  return {
    physicalId: functionName,
    arn,
    attributes: { Arn: arn },
    detail: {
      kind: 'function',
      functionName,
      roleArn,
      codeFolder,
      logGroupName: logGroup ?? defaultLogGroup(functionName),
    },
  };
}

function configurationOf(resource: ResourceToCreate, assetPaths: ReadonlyMap<string, string>): FunctionConfiguration {
  const { properties } = resource;
  const functionName = resourceName(resource, 'FunctionName', { maxLength: 64 });
  return {
    functionName,
    codeFolder: assetPaths.get(requiredText(objectAt(properties, 'Code'), 'S3Key')) ?? '',
    handler: requiredText(properties, 'Handler'),
    runtime: requiredText(properties, 'Runtime'),
    timeoutSeconds: optionalNumber(properties, 'Timeout') ?? 3,
    memoryMb: optionalNumber(properties, 'MemorySize') ?? 128,
    environment: readVariables(objectAt(objectAt(properties, 'Environment'), 'Variables')),
    roleArn: requiredText(properties, 'Role'),
    logGroup: stringAt(objectAt(properties, 'LoggingConfig'), 'LogGroup') ?? defaultLogGroup(functionName),
    recursiveLoop: readRecursiveLoop(properties),
    reservedConcurrency: optionalNumber(properties, 'ReservedConcurrentExecutions'),
  };
}

const defaultLogGroup = (functionName: string): string => `/aws/lambda/${functionName}`;

/** CloudFormation takes no other value: see `refuse`. */
function readRecursiveLoop(properties: object) {
  const value = stringAt(properties, 'RecursiveLoop');
  return isRecursiveLoop(value) ? value : undefined;
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

const readVariables = (variables: object): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
