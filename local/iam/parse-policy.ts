import type { JsonObject } from '../endpoint/service.ts';
import { isObject, toList } from '../template/json.ts';
import { type Condition, compileCondition, parseOperatorName } from './condition.ts';
import { operatorNames } from './condition-operators.ts';
import { PolicyRefusedError } from './errors.ts';
import { actionPattern, arnPattern, isArnPattern, type Pattern, variablesIn } from './pattern.ts';
import type { Policy, PolicyDocument, PolicyKind, Statement } from './policy.ts';
import { parsePrincipal } from './principal-pattern.ts';
import { isKnownKey, isMultivaluedKey, knownKeys } from './request-context.ts';

const ELEMENTS = [
  ...['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'],
];

/** Services whose requests the run decides about; what a policy says about others it cannot hold against anybody. */
const DECIDED_SERVICES = ['dynamodb', 'events', 'iam', 'lambda', 'logs', 's3', 'scheduler', 'sqs', 'ssm', 'sts'];

/** Notes one thing that is wrong with the statement at hand. */
type Report = (problem: string) => void;

/** @throws PolicyRefusedError with everything that the run cannot decide by: nothing in a policy is passed over. */
export function parsePolicy({ name, document }: PolicyDocument, kind: PolicyKind): Policy {
  const problems: string[] = [];
  const statements = toList(document['Statement']).map((statement, index) => {
    const report = (problem: string) => void problems.push(`statement ${index}: ${problem}`);
    return parseStatement(isObject(statement) ? statement : {}, index, kind, report);
  });
  if (problems.length > 0) throw new PolicyRefusedError(name, problems);
  return { name, statements };
}

function parseStatement(statement: JsonObject, index: number, kind: PolicyKind, report: Report): Statement {
  const unknown = Object.keys(statement).filter((element) => !ELEMENTS.includes(element));
  if (unknown.length > 0) report(`has ${unknown.join(', ')}; allowed are ${ELEMENTS.join(', ')}`);
  const { Sid, Effect } = statement;
  if (Effect !== 'Allow' && Effect !== 'Deny')
    report(`Effect is ${JSON.stringify(Effect)}; allowed are Allow and Deny`);
  return {
    index,
    sid: typeof Sid === 'string' ? Sid : undefined,
    effect: Effect === 'Deny' ? 'Deny' : 'Allow',
    actionFor: parseActions(statement, report),
    coversResource: parseResources(statement, kind, report),
    matchesPrincipal: parsePrincipals(statement, kind, report),
    conditions: parseConditions(statement, report),
  };
}

/** One of the two forms of an element; both or none is a mistake. */
function oneOf(statement: JsonObject, element: string, report: Report): { texts: readonly string[]; negated: boolean } {
  const negated = statement[`Not${element}`] !== undefined;
  if ((statement[element] !== undefined) === negated) report(`has to have either ${element} or Not${element}`);
  const texts = toList(negated ? statement[`Not${element}`] : statement[element]).map(String);
  return { texts, negated };
}

function parseActions(statement: JsonObject, report: Report): Statement['actionFor'] {
  const { texts, negated } = oneOf(statement, 'Action', report);
  for (const text of texts) {
    if (text !== '*' && !/^[\w-]+:[\w*?]+$/.test(text)) report(`action '${text}' is none: write service:Action, or *`);
  }
  const patterns = texts.map((text) => ({ text, matches: actionPattern(text) }));
  const covering = (action: string) => patterns.find(({ matches }) => matches(action))?.text;
  if (!negated) return covering;
  return (action) => (covering(action) === undefined ? `all but ${texts.join(', ')}` : undefined);
}

function parseResources(statement: JsonObject, kind: PolicyKind, report: Report): Pattern {
  // a trust policy is about its own role
  if (kind === 'trust') return () => true;
  const { texts, negated } = oneOf(statement, 'Resource', report);
  for (const text of texts) {
    if (!isArnPattern(text)) report(`resource '${text}' is none: write an ARN of six parts, or *`);
    checkVariables(text, report);
  }
  const patterns = texts.map(arnPattern);
  return (resource, context) => patterns.some((matches) => matches(resource, context)) !== negated;
}

function parsePrincipals(statement: JsonObject, kind: PolicyKind, report: Report): Statement['matchesPrincipal'] {
  if (kind === 'identity') {
    if (statement['Principal'] !== undefined || statement['NotPrincipal'] !== undefined) {
      report('has a principal, which only the policy of a resource has');
    }
    return () => 'named';
  }
  const negated = statement['NotPrincipal'] !== undefined;
  if ((statement['Principal'] !== undefined) === negated) {
    report('has to have either Principal or NotPrincipal');
    return () => 'none';
  }
  const test = parsePrincipal(negated ? statement['NotPrincipal'] : statement['Principal']);
  if (typeof test === 'string') {
    report(`Principal ${test}`);
    return () => 'none';
  }
  return negated ? (principal) => (test(principal) === 'none' ? 'named' : 'none') : test;
}

function parseConditions(statement: JsonObject, report: Report): readonly Condition[] {
  const condition = statement['Condition'];
  if (condition === undefined) return [];
  if (!isObject(condition)) report('Condition is no object');
  return Object.entries(isObject(condition) ? condition : {}).flatMap(([operatorName, byKey]) => {
    const operator = parseOperatorName(operatorName);
    if (operator === undefined) {
      report(
        `condition operator '${operatorName}' is none that the local run has; it has ${operatorNames().join(', ')}`,
      );
      return [];
    }
    return Object.entries(isObject(byKey) ? byKey : {}).map(([key, values]) => {
      if (!isKnownKey(key) && concernsDecidedService(statement)) reportKey(key, report);
      if (isMultivaluedKey(key) && operator.quantifier === undefined && operator.operator.kind !== 'presence') {
        report(`${operatorName} of '${key}', which has many values: write ForAllValues: or ForAnyValue: before it`);
      }
      const texts = toList(values).map(String);
      for (const text of texts) checkVariables(text, report);
      return compileCondition(operator, key, texts);
    });
  });
}

function checkVariables(text: string, report: Report): void {
  for (const name of variablesIn(text)) if (!isKnownKey(name)) reportKey(name, report);
}

const reportKey = (key: string, report: Report) =>
  report(`condition key '${key}' is none that the local run gives a value; it has ${knownKeys().join(', ')}`);

function concernsDecidedService(statement: JsonObject): boolean {
  if (statement['NotAction'] !== undefined) return true;
  return toList(statement['Action']).some((action) => {
    const [service = ''] = String(action).toLowerCase().split(':');
    return service === '*' || DECIDED_SERVICES.includes(service);
  });
}
