import type { JsonObject } from '../endpoint/service.ts';
import type { AssemblyStack } from './assembly.ts';
import { chooseBranches, createConditions } from './conditions.ts';
import type { Scope } from './intrinsics.ts';
import { isObject, objectAt, stringAt, toList } from './json.ts';
import { constructPathOf } from './leave-out.ts';
import { findInMappings, readParameters, type StoredParameter } from './parameters.ts';
import { type DeploymentEnvironment, pseudoParameters } from './pseudo-parameters.ts';
import { namesUsedIn } from './references.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html */
type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html */
type UpdateReplacePolicy = 'Delete' | 'Retain';

export interface TemplateResource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  /** `Fn::If` decided and `AWS::NoValue` left out; every other function as written. */
  readonly properties: JsonObject;
  readonly dependsOn: readonly string[];
  /** What happens to it when it leaves its stack. */
  readonly deletionPolicy: DeletionPolicy;
  /** What happens to it when another one takes its place. */
  readonly updateReplacePolicy: UpdateReplacePolicy;
  /** In the app's tree: what `--without` takes. */
  readonly constructPath: string;
}

interface TemplateOutput {
  readonly name: string;
  readonly value: unknown;
  /** `undefined` for an output that no other stack can import. */
  readonly exportName: unknown;
}

interface LeftOut {
  /** Logical ids. */
  readonly resources: ReadonlySet<string>;
  /** Those that show something of these resources. */
  readonly outputs: readonly TemplateOutput[];
}

/** One stack's template with its conditions decided: only what will exist is left. */
export interface StackTemplate {
  readonly stackName: string;
  readonly resources: ReadonlyMap<string, TemplateResource>;
  readonly outputs: readonly TemplateOutput[];
  /** Values by name, pseudo parameters (`AWS::Region`, …) included. */
  readonly parameters: ReadonlyMap<string, unknown>;
  /** Parameters whose values are in Parameter Store, by name. */
  readonly storedParameters: ReadonlyMap<string, StoredParameter>;
  readonly mappings: JsonObject;
  /** What is in the template, and the run is not to have. */
  readonly leftOut: LeftOut;
  /** What could not be read, one line each; what is wrong with a single resource is found later. */
  readonly problems: readonly string[];
}

const KNOWN_SECTIONS = new Set([
  'AWSTemplateFormatVersion',
  'Conditions',
  'Description',
  'Mappings',
  'Metadata',
  'Outputs',
  'Parameters',
  'Resources',
  // assertions over parameters: CDK writes one about its own bootstrap stack, which a local run has not
  'Rules',
]);

const KNOWN_ATTRIBUTES = new Set([
  'Condition',
  'DeletionPolicy',
  'DependsOn',
  'Metadata',
  'Properties',
  'Type',
  'UpdateReplacePolicy',
]);

const DELETION_POLICIES = ['Delete', 'Retain', 'RetainExceptOnCreate'] as const;
const UPDATE_REPLACE_POLICIES = ['Delete', 'Retain'] as const;

export function readTemplate(stack: AssemblyStack, environment: DeploymentEnvironment): StackTemplate {
  const { stackName, template, leftOut = new Set<string>() } = stack;
  const problems: string[] = Object.keys(template)
    .filter((section) => !KNOWN_SECTIONS.has(section))
    .map((section) => `${stackName}: template section '${section}' is not known to the local run`);
  const declared = readParameters(stackName, objectAt(template, 'Parameters'));
  problems.push(...declared.problems);
  const parameters = new Map([...pseudoParameters(stackName, environment), ...declared.values]);
  const mappings = objectAt(template, 'Mappings');
  const conditions = createConditions(
    objectAt(template, 'Conditions'),
    conditionScope(parameters, mappings, environment.region),
  );

  const exists = (element: unknown): boolean => {
    const condition = stringAt(element, 'Condition');
    return condition === undefined || conditions(condition);
  };
  const attempt = <T>(what: string, read: () => T[]): T[] => {
    try {
      return read();
    } catch (error) {
      problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  };

  const resources = Object.entries(objectAt(template, 'Resources')).flatMap(([logicalId, element]) => {
    if (leftOut.has(logicalId)) return [];
    const type = stringAt(element, 'Type') ?? '';
    const label = `${stackName}/${logicalId} (${type})`;
    return attempt(label, () => {
      if (!isObject(element) || !exists(element)) return [];
      const unknown = Object.keys(element).filter((attribute) => !KNOWN_ATTRIBUTES.has(attribute));
      problems.push(...unknown.map((name) => `${label}: attribute '${name}' is not known to the local run`));
      const properties = chooseBranches(objectAt(element, 'Properties'), conditions);
      const resource: TemplateResource = {
        stackName,
        logicalId,
        type,
        properties: isObject(properties) ? properties : {},
        dependsOn: toList(element['DependsOn']).map(String),
        deletionPolicy: readPolicy(element, 'DeletionPolicy', DELETION_POLICIES),
        updateReplacePolicy: readPolicy(element, 'UpdateReplacePolicy', UPDATE_REPLACE_POLICIES),
        constructPath: constructPathOf(stackName, logicalId, element),
      };
      return [[logicalId, resource] as const];
    });
  });

  const outputs = Object.entries(objectAt(template, 'Outputs')).flatMap(([name, element]) =>
    attempt(`${stackName}: output '${name}'`, () => {
      if (!isObject(element) || !exists(element)) return [];
      const exportName = chooseBranches(objectAt(element, 'Export')['Name'], conditions);
      return [{ name, value: chooseBranches(element['Value'], conditions), exportName }];
    }),
  );

  const showsLeftOut = ({ value, exportName }: TemplateOutput) =>
    namesUsedIn([value, exportName]).some((name) => leftOut.has(name));
  return {
    stackName,
    resources: new Map(resources),
    outputs: outputs.filter((output) => !showsLeftOut(output)),
    parameters,
    storedParameters: declared.stored,
    mappings,
    leftOut: { resources: leftOut, outputs: outputs.filter(showsLeftOut) },
    problems,
  };
}

/** @throws RangeError for a policy that CloudFormation does not have for these types, such as `Snapshot`. */
function readPolicy<Policy extends string>(
  element: JsonObject,
  attribute: string,
  policies: readonly [Policy, ...Policy[]],
): Policy {
  const [whenAbsent] = policies;
  const value = element[attribute] ?? whenAbsent;
  const policy = policies.find((each) => each === value);
  if (policy !== undefined) return policy;
  throw new RangeError(`attribute '${attribute}' is '${String(value)}', allowed here are ${policies.join(', ')}`);
}

/** Conditions are decided before any resource exists: they see parameters and mappings only. */
function conditionScope(parameters: ReadonlyMap<string, unknown>, mappings: JsonObject, region: string): Scope {
  const refuse = (what: string) => (): never => {
    throw new ReferenceError(`a condition cannot use ${what}: it is decided before any resource exists`);
  };
  return {
    region,
    ref: (name) => (parameters.has(name) ? parameters.get(name) : refuse(`'${name}'`)()),
    getAtt: refuse('Fn::GetAtt'),
    importValue: refuse('Fn::ImportValue'),
    stackOutput: refuse('Fn::GetStackOutput'),
    findInMap: (...path) => findInMappings(mappings, path),
  };
}
