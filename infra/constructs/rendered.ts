import { CfnResource, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Properties as in the template: numbers and strings, or objects for values that are only known at deployment. */
export type RenderedProperties = Readonly<Record<string, unknown>>;

/** The CloudFormation resource of a construct; undefined for an imported one. */
export function resourceOf(construct: IConstruct): CfnResource | undefined {
  const { defaultChild } = construct.node;
  return CfnResource.isCfnResource(defaultChild) ? defaultChild : undefined;
}

/**
 * Renders a resource's properties including all overrides: an L1's own properties do not include `addPropertyOverride`.
 * For validations, which run when the tree is complete.
 */
export function renderedProperties(resource: CfnResource): RenderedProperties {
  // a stack does the same with its elements; CDK offers no public way to see overrides before synth
  const render: unknown = Reflect.get(resource, '_toCloudFormation');
  if (typeof render !== 'function') {
    throw new TypeError(`this version of aws-cdk-lib does not render '${resource.node.path}' by _toCloudFormation`);
  }
  const stack = Stack.of(resource);
  const template: unknown = stack.resolve(Reflect.apply(render, resource, []));
  const [element] = Object.values(asRecord(asRecord(template)['Resources']));
  return asRecord(asRecord(element)['Properties']);
}

export const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

/** @returns undefined for a value that is only known at deployment */
export function numberIn(properties: RenderedProperties, name: string, byDefault: number): number | undefined {
  const value = properties[name] ?? byDefault;
  if (typeof value === 'object') return undefined;
  return Number.isNaN(Number(value)) ? undefined : Number(value);
}
