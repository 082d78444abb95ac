import { type Node, nodeAt, nodesAt, type Place } from './syntax.ts';

/** A change of the text that a good test notices. */
export interface Change {
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** How the change can be switched: an expression by a condition, a statement by a branch. */
  readonly kind: 'expression' | 'statement' | 'block';
}

const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '==': ['!='],
  '!=': ['=='],
  in: [],
  instanceof: [],
};
const ARITHMETIC: Readonly<Record<string, string>> = { '+': '-', '-': '+', '*': '/', '/': '*', '%': '*' };
const LOGICAL: Readonly<Record<string, string>> = { '&&': '||', '||': '&&', '??': '&&' };
const ASSIGNMENTS: Readonly<Record<string, string>> = { '+=': '-=', '-=': '+=', '*=': '/=', '/=': '*=' };
const REMOVED_METHODS: ReadonlySet<string> = new Set([
  'filter',
  'sort',
  'toSorted',
  'reverse',
  'toReversed',
  'slice',
  'trim',
  'toLowerCase',
  'toUpperCase',
]);
const OTHER_METHODS: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
};
const TESTED: ReadonlySet<string> = new Set(['IfStatement', 'ConditionalExpression']);
const LOOPS: ReadonlySet<string> = new Set(['WhileStatement', 'DoWhileStatement', 'ForStatement']);

/** All changes of one node; none of them for what only names or types. */
export function changesOf(source: string, place: Place): readonly Change[] {
  const { node, parent, isInChain } = place;
  if (isInChain) return [];
  const text = (of: Node | undefined) => (of === undefined ? '' : source.slice(of.start, of.end));
  const change = (operator: string, replacement: string, of: Node = node, kind: Change['kind'] = 'expression') => ({
    operator,
    start: of.start,
    end: of.end,
    replacement,
    kind,
  });
  const operator = String(node['operator']);
  const [left, right] = [nodeAt(node, 'left'), nodeAt(node, 'right')];

  switch (node.type) {
    case 'BinaryExpression': {
      const others = COMPARISONS[operator];
      if (others !== undefined) {
        const constants = isTest(place) ? [] : ['true', 'false'];
        return [
          ...others.map((other) => change('comparison', `${text(left)} ${other} ${text(right)}`)),
          ...constants.map((constant) => change('condition', constant)),
        ];
      }
      const other = ARITHMETIC[operator];
      if (other === undefined || isText(left) || isText(right)) return [];
      return [change('arithmetic', `${text(left)} ${other} ${text(right)}`)];
    }
    case 'LogicalExpression': {
      const other = LOGICAL[operator];
      return other === undefined ? [] : [change('logical', `(${text(left)}) ${other} (${text(right)})`)];
    }
    case 'UnaryExpression':
      return operator === '!' || operator === '-' ? [change('negation', text(nodeAt(node, 'argument')))] : [];
    case 'UpdateExpression': {
      const argument = text(nodeAt(node, 'argument'));
      const other = operator === '++' ? '--' : '++';
      return [change('update', node['prefix'] === true ? `${other}${argument}` : `${argument}${other}`)];
    }
    case 'AssignmentExpression': {
      const other = ASSIGNMENTS[operator];
      return other === undefined ? [] : [change('assignment', `${text(left)} ${other} ${text(right)}`)];
    }
    case 'Literal':
      return changesOfLiteral(node, parent).map((replacement) => change('literal', replacement));
    case 'TemplateLiteral':
      return parent?.node.type === 'TaggedTemplateExpression' || text(node) === '``' ? [] : [change('text', '``')];
    case 'ArrayExpression':
      return nodesAt(node, 'elements').length === 0 ? [] : [change('array', '[]')];
    case 'ObjectExpression':
      return changesOfObject(source, node);
    case 'IfStatement':
    case 'ConditionalExpression':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForStatement': {
      const test = nodeAt(node, 'test');
      if (test === undefined) return [];
      const constants = LOOPS.has(node.type) ? ['false'] : ['true', 'false'];
      return constants.map((constant) => change('condition', constant, test));
    }
    case 'BlockStatement':
      return isRemovable(source, place) ? [change('block', '', node, 'block')] : [];
    case 'ArrowFunctionExpression': {
      const body = nodeAt(node, 'body');
      if (body === undefined || body.type === 'BlockStatement' || text(body) === 'undefined') return [];
      return [change('function', 'undefined', body)];
    }
    case 'ChainExpression':
      return optionalsOf(source, node).map((replacement) => change('optional', replacement));
    case 'CallExpression':
      return changesOfCall(source, node).map((replacement) => change('method', replacement));
    case 'ExpressionStatement':
      return isCall(nodeAt(node, 'expression')) ? [change('call', '', node, 'statement')] : [];
    default:
      return [];
  }
}

const isTest = ({ node, parent }: Place): boolean => {
  if (parent === undefined) return false;
  if (parent.node.type === 'ParenthesizedExpression') return isTest(parent);
  return (TESTED.has(parent.node.type) || LOOPS.has(parent.node.type)) && parent.node['test'] === node;
};

const isText = (node: Node | undefined): boolean =>
  node?.type === 'TemplateLiteral' || (node?.type === 'Literal' && typeof node['value'] === 'string');

function changesOfLiteral({ value, ...node }: Node, parent: Place | undefined): readonly string[] {
  if (typeof value === 'boolean') return [String(!value)];
  if (typeof value !== 'string' || node['regex'] !== undefined) return [];
  if (parent?.node.type === 'ImportExpression' || parent?.node['directive'] !== undefined) return [];
  return [value === '' ? "'mutated'" : "''"];
}

/** Without all of it, and without each member that AWS or a condition gave it. */
function changesOfObject(source: string, node: Node): readonly Change[] {
  const members = nodesAt(node, 'properties');
  if (members.length === 0) return [];
  const whole = { start: node.start, end: node.end, kind: 'expression' } as const;
  const without = (member: Node) =>
    `{ ${members
      .filter((other) => other !== member)
      .map(({ start, end }) => source.slice(start, end))
      .join(', ')} }`;
  const optional = members.length === 1 ? [] : members.filter((member) => isOptional(member));
  return [
    { ...whole, operator: 'object', replacement: '{}' },
    ...optional.map((member) => ({ ...whole, operator: 'member', replacement: without(member) })),
  ];
}

/** Inputs of AWS calls, whose names begin with a capital letter, and what is spread. */
const isOptional = (member: Node): boolean =>
  member.type === 'SpreadElement' || /^[A-Z]/.test(String(nodeAt(member, 'key')?.['name'] ?? ''));

function isRemovable(source: string, { node, parent }: Place): boolean {
  if (nodesAt(node, 'body').length === 0 || parent?.node.type === 'TryStatement') return false;
  return !/\bsuper\(/.test(source.slice(node.start, node.end));
}

function optionalsOf(source: string, chain: Node): readonly string[] {
  const found: string[] = [];
  for (
    let link = nodeAt(chain, 'expression');
    link !== undefined;
    link = nodeAt(link, 'object') ?? nodeAt(link, 'callee')
  ) {
    if (link['optional'] !== true) continue;
    const before = nodeAt(link, 'object') ?? nodeAt(link, 'callee');
    const at = source.indexOf('?.', before?.end ?? link.start);
    const instead = link.type === 'MemberExpression' && link['computed'] !== true ? '.' : '';
    found.push(source.slice(chain.start, at) + instead + source.slice(at + 2, chain.end));
  }
  return found;
}

function changesOfCall(source: string, node: Node): readonly string[] {
  const callee = nodeAt(node, 'callee');
  const [object, property] = [callee && nodeAt(callee, 'object'), callee && nodeAt(callee, 'property')];
  if (callee?.type !== 'MemberExpression' || object === undefined || property === undefined) return [];
  const name = source.slice(property.start, property.end);
  if (REMOVED_METHODS.has(name)) return [source.slice(object.start, object.end)];
  const other = Object.hasOwn(OTHER_METHODS, name) ? OTHER_METHODS[name] : undefined;
  if (other === undefined) return [];
  return [source.slice(node.start, property.start) + other + source.slice(property.end, node.end)];
}

const isCall = (node: Node | undefined): boolean => {
  if (node === undefined) return false;
  if (node.type === 'AwaitExpression' || node.type === 'ChainExpression' || node.type === 'UnaryExpression') {
    return isCall(nodeAt(node, 'argument') ?? nodeAt(node, 'expression'));
  }
  return node.type === 'CallExpression' && nodeAt(node, 'callee')?.type !== 'Super';
};
