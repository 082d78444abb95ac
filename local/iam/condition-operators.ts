import { BlockList, isIP } from 'node:net';
import { arnPattern, literalPattern, type Pattern, wildcardPattern } from './pattern.ts';

export type ConditionOperator =
  | {
      readonly kind: 'comparison';
      /** True of the operators with `Not` in their names: no value of the policy may match. */
      readonly negated: boolean;
      readonly compile: (policyValue: string) => Pattern;
    }
  | { readonly kind: 'presence' };

const comparison = (compile: (policyValue: string) => Pattern, negated = false): ConditionOperator => ({
  kind: 'comparison',
  negated,
  compile,
});

const ignoringCase = (text: string): Pattern => {
  const matches = literalPattern(text.toLowerCase());
  // variables name their keys in any case
  return (value, context) => matches(value.toLowerCase(), (key) => context(key)?.map((each) => each.toLowerCase()));
};

const numeric =
  (compare: (requested: number, limit: number) => boolean) =>
  (text: string): Pattern =>
  (value) =>
    compare(Number(value), Number(text));

function ipRange(text: string): Pattern {
  const range = new BlockList();
  const [address = '', prefix] = text.split('/');
  const family = familyOf(address);
  if (family !== undefined) range.addSubnet(address, Number(prefix ?? (family === 'ipv4' ? 32 : 128)), family);
  return (value) => {
    const valueFamily = familyOf(value);
    return valueFamily !== undefined && range.check(value, valueFamily);
  };
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? 'ipv4' : 'ipv6';
}

/** Dates and binaries are missing: nothing that the run knows about a request is compared by them. */
const OPERATORS: ReadonlyMap<string, ConditionOperator> = new Map(
  Object.entries({
    ArnEquals: comparison(arnPattern),
    ArnLike: comparison(arnPattern),
    ArnNotEquals: comparison(arnPattern, true),
    ArnNotLike: comparison(arnPattern, true),
    Bool: comparison(ignoringCase),
    IpAddress: comparison(ipRange),
    NotIpAddress: comparison(ipRange, true),
    Null: { kind: 'presence' },
    NumericEquals: comparison(numeric((requested, limit) => requested === limit)),
    NumericGreaterThan: comparison(numeric((requested, limit) => requested > limit)),
    NumericGreaterThanEquals: comparison(numeric((requested, limit) => requested >= limit)),
    NumericLessThan: comparison(numeric((requested, limit) => requested < limit)),
    NumericLessThanEquals: comparison(numeric((requested, limit) => requested <= limit)),
    NumericNotEquals: comparison(
      numeric((requested, limit) => requested === limit),
      true,
    ),
    StringEquals: comparison(literalPattern),
    StringEqualsIgnoreCase: comparison(ignoringCase),
    StringLike: comparison(wildcardPattern),
    StringNotEquals: comparison(literalPattern, true),
    StringNotEqualsIgnoreCase: comparison(ignoringCase, true),
    StringNotLike: comparison(wildcardPattern, true),
  }),
);

export const operatorNamed = (name: string): ConditionOperator | undefined => OPERATORS.get(name);

export const operatorNames = (): readonly string[] => [...OPERATORS.keys()];
