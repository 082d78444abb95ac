import { CfnResource, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Properties as the template will have them: numbers and texts, or objects for what is known at deployment only. */
export type RenderedProperties = Readonly<Record<string, unknown>>;

/** A construct's own CloudFormation resource; undefined for an imported one. */
export function resourceOf(construct: IConstruct): CfnResource | undefined {
  const { defaultChild } = construct.node;
  return CfnResource.isCfnResource(defaultChild) ? defaultChild : undefined;
}

/**
 * Renders a resource's properties with everything that was overridden, by whichever way: an L1's own properties do not
 * tell of `addPropertyOverride`. For validations, which come when the tree is complete.
 */
export function renderedProperties(resource: CfnResource): RenderedProperties {
  // what a stack does with each of its elements; CDK offers no other way to see overrides before the template is written
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

/** @returns undefined for what is known at deployment only */
export function numberIn(properties: RenderedProperties, name: string, byDefault: number): number | undefined {
  const value = properties[name] ?? byDefault;
  if (typeof value === 'object') return undefined;
  return Number.isNaN(Number(value)) ? undefined : Number(value);
}
