import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, objectAt, toList } from '../../../../../local/template/json.ts';
import { lessOneGrant } from '../../../../../test/fixtures/less-one-grant.ts';

/** A grant in a template: the construct path of the policy's resource, and the action. */
export interface GrantInTemplate {
  readonly stack: string;
  /** As `aws:cdk:path` ends: `PlaceOrderRole/DefaultPolicy/Resource`. */
  readonly policyPath: string;
  readonly action: string;
  /** Part of the resource, as the template writes it; every one if left out. */
  readonly on?: string;
}

/** Copies an assembly to `folder`, less one grant, as if the CDK code did not give it. */
export function copyAssemblyWithout(assembly: string, folder: string, grant: GrantInTemplate): void {
  cpSync(assembly, folder, { recursive: true });
  const file = readdirSync(folder).find((name) => name === `${grant.stack}.template.json`);
  if (file === undefined) throw new Error(`${assembly} has no template of ${grant.stack}`);
  const path = join(folder, file);
  const template: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const policy = Object.values(objectAt(template, 'Resources')).find((resource) =>
    String(objectAt(resource, 'Metadata')['aws:cdk:path']).endsWith(grant.policyPath),
  );
  const document = objectAt(objectAt(policy, 'Properties'), 'PolicyDocument');
  const statements = toList(document['Statement']).filter(isObject);
  const without = statements.flatMap((statement) => {
    const isMeant = toList(statement['Action']).includes(grant.action) && isOn(statement['Resource'], grant.on);
    if (!isMeant) return [statement];
    return lessOneGrant(statement, grant.action, (resource) => isOn(resource, grant.on));
  });
  if (JSON.stringify(without) === JSON.stringify(statements)) {
    throw new Error(`${grant.policyPath} has no grant of ${grant.action}`);
  }
  Object.assign(document, { Statement: without });
  writeFileSync(path, JSON.stringify(template));
}

const isOn = (resource: unknown, part = ''): boolean => JSON.stringify(resource).includes(part);
