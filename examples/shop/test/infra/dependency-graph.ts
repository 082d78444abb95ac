import { dependenciesOf } from '../../../../local/template/check.ts';
import { functionCall, readGetAtt } from '../../../../local/template/intrinsics.ts';
import { objectAt, stringAt, toList } from '../../../../local/template/json.ts';
import type { TemplateResource } from '../../../../local/template/template.ts';

type Properties = TemplateResource['properties'];

/** What CloudFormation knows of a template's resources: who must exist, or be updated, before whom. */
export interface DependencyGraph {
  readonly resources: ReadonlyMap<string, TemplateResource>;
  /** Logical ids of everything that is created or updated before the resource. */
  ancestorsOf(logicalId: string): ReadonlySet<string>;
  ofType(type: string): readonly TemplateResource[];
}

export function dependencyGraph(template: object): DependencyGraph {
  const resources = new Map(
    Object.entries(objectAt(template, 'Resources')).map(([logicalId, resource]) => [
      logicalId,
      {
        stackName: 'Test',
        logicalId,
        type: stringAt(resource, 'Type') ?? '',
        properties: objectAt(resource, 'Properties'),
        dependsOn: toList(objectAt({ resource }, 'resource')['DependsOn']).map(String),
        deletionPolicy: 'Delete' as const,
        updateReplacePolicy: 'Delete' as const,
        constructPath: stringAt(objectAt(resource, 'Metadata'), 'aws:cdk:path') ?? logicalId,
      } satisfies TemplateResource,
    ]),
  );
  return {
    resources,
    ancestorsOf(logicalId) {
      const found = new Set<string>();
      const visit = (id: string): void => {
        const resource = resources.get(id);
        if (resource === undefined) return;
        for (const each of dependenciesOf(resource)) {
          if (found.has(each) || !resources.has(each)) continue;
          found.add(each);
          visit(each);
        }
      };
      visit(logicalId);
      return found;
    },
    ofType: (type) => [...resources.values()].filter((resource) => resource.type === type),
  };
}

/** The logical id that `{ Ref }` or `{ Fn::GetAtt }` names; undefined for anything else. */
export function referredId(value: unknown): string | undefined {
  const call = functionCall(value);
  if (call?.name === 'Ref') return String(call.argument);
  return call?.name === 'Fn::GetAtt' ? readGetAtt(call.argument).logicalId : undefined;
}

/** Everything without which a rule's event does not arrive, or meets code that is not the subscription's. */
export function neededBy(rule: TemplateResource, graph: DependencyGraph): ReadonlySet<string> {
  const needed = new Set<string>();
  const add = (id: string | undefined): void => {
    if (id !== undefined && graph.resources.has(id)) needed.add(id);
  };
  const named = (type: string, property: string, id: string | undefined): readonly TemplateResource[] =>
    graph.ofType(type).filter(({ properties }) => refersTo(properties, property, id));

  for (const target of toList(rule.properties['Targets'])) {
    const targetId = referredId(objectAt({ target }, 'target')['Arn']);
    const deadLetterId = referredId(objectAt(target, 'DeadLetterConfig')['Arn']);
    for (const id of [targetId, deadLetterId].filter((each) => each !== undefined)) {
      add(id);
      for (const policy of named('AWS::SQS::QueuePolicy', 'Queues', id)) add(policy.logicalId);
    }
    const mappings = named('AWS::Lambda::EventSourceMapping', 'EventSourceArn', targetId);
    for (const mapping of mappings) add(mapping.logicalId);
    const functions = [targetId, ...mappings.map(({ properties }) => referredId(properties['FunctionName']))];
    for (const id of functions) {
      const handler = id === undefined ? undefined : graph.resources.get(id);
      if (handler?.type !== 'AWS::Lambda::Function') continue;
      add(id);
      for (const permission of named('AWS::Lambda::Permission', 'FunctionName', id)) add(permission.logicalId);
      const role = referredId(handler.properties['Role']);
      add(role);
      for (const policy of named('AWS::IAM::Policy', 'Roles', role)) add(policy.logicalId);
    }
  }
  return needed;
}

const refersTo = (properties: Properties, property: string, id: string | undefined): boolean =>
  id !== undefined && toList(properties[property]).some((value) => referredId(value) === id);
