import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionPattern, arnPattern, literalPattern, wildcardPattern } from '../../../local/iam/pattern.ts';

const nothing = () => undefined;

const variable = (name: string): string => `\${${name}}`;

/** The definition, slowly: each `*` is tried at every length. */
function slowlyMatches(pattern: string, value: string): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return value === '';
  const after = rest.join('');
  if (first === '*') return [...value, ''].some((_, length) => slowlyMatches(after, value.slice(length)));
  return value !== '' && (first === '?' || first === value[0]) && slowlyMatches(after, value.slice(1));
}

describe('a wildcard pattern', () => {
  it('matches by its definition, for any pattern and value', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', '*', '?', '.', '('), { maxLength: 6 });
    fc.assert(
      fc.property(letters, letters, (pattern, value) => {
        const text = value.join('');
        expect(wildcardPattern(pattern.join(''))(text, nothing)).toBe(slowlyMatches(pattern.join(''), text));
      }),
    );
  });

  it('matches *, ? and $ literally when they are written as variables', () => {
    const pattern = wildcardPattern(`a${variable('*')}b${variable('?')}c${variable('$')}`);

    expect(pattern('a*b?c$', nothing)).toBe(true);
    expect(pattern('axxb?c$', nothing)).toBe(false);
    expect(wildcardPattern(`${variable('$')}`)('$', nothing)).toBe(true);
  });
});

describe('an action pattern', () => {
  it.each([
    ['dynamodb:PutItem', 'DynamoDB:putitem', true],
    ['dynamodb:*Item', 'dynamodb:PutItem', true],
    ['dynamodb:?etItem', 'dynamodb:GetItem', true],
    ['*', 'sqs:SendMessage', true],
    ['dynamodb:Put', 'dynamodb:PutItem', false],
    ['sqs:*', 'dynamodb:PutItem', false],
  ])('%s for %s: %s', (pattern, action, expected) => {
    expect(actionPattern(pattern)(action)).toBe(expected);
  });
});

describe('an ARN pattern', () => {
  it.each([
    ['*', 'arn:aws:sqs:eu-west-1:1:q', true],
    ['arn:aws:sqs:*:1:q*', 'arn:aws:sqs:eu-west-1:1:queue', true],
    ['arn:aws:s3:::bucket/a/*', 'arn:aws:s3:::bucket/a/b:c/d', true],
    ['arn:aws:logs:eu-west-1:1:log-group:shop:*', 'arn:aws:logs:eu-west-1:1:log-group:shop:log-stream:x', true],
    ['arn:aws:sqs:*:q', 'arn:aws:sqs:eu-west-1:1:q', false],
    ['arn:aws:sqs:*:1:q', 'arn:aws:sqs:eu-west-1:1:queue', false],
    ['arn:aws:dynamodb:*:1:table/A', 'arn:aws:dynamodb:eu-west-1:1:table/A/index/i', false],
    ['arn:aws:dynamodb:*:1:table/*', '*', false],
  ])('%s for %s: %s', (pattern, arn, expected) => {
    expect(arnPattern(pattern)(arn, nothing)).toBe(expected);
  });
});

describe('a policy variable', () => {
  const context = (key: string) =>
    ({ 'aws:principalaccount': ['123'], 'aws:sourcearn': ['a*'], many: ['1', '2'] })[key];

  it('is replaced by the value of the request, with its wildcards taken literally', () => {
    expect(arnPattern(`arn:aws:s3:::logs-${variable('aws:PrincipalAccount')}`)('arn:aws:s3:::logs-123', context)).toBe(
      true,
    );
    expect(wildcardPattern(`${variable('aws:SourceArn')}`)('a*', context)).toBe(true);
    expect(wildcardPattern(`${variable('aws:SourceArn')}`)('abc', context)).toBe(false);
    expect(literalPattern(`${variable('aws:SourceArn')}`)('a*', context)).toBe(true);
  });

  it('matches nothing when the request has no value for it, or several', () => {
    expect(wildcardPattern(`${variable('aws:SourceAccount')}*`)('', context)).toBe(false);
    expect(wildcardPattern(`${variable('many')}`)('1', context)).toBe(false);
  });
});
