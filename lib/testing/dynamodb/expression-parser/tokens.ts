type TokenKind =
  /** A bare name or keyword. */
  | 'word'
  /** `#name` */
  | 'name'
  /** `:value` */
  | 'value'
  | 'number'
  | 'sign'
  /** A character that does not begin a token. */
  | 'unknown'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Its position in the expression, in characters. */
  readonly start: number;
  readonly end: number;
}

/** Names begin with a letter; placeholders may have any of these after their first character. */
const PATTERN =
  /(?<word>[a-z]\w*)|(?<name>#\w+)|(?<value>:\w+)|(?<number>\d+)|(?<sign><>|<=|>=|[<>=()[\],.+-])|(?<unknown>[^ \t\r\n])/giu;

/** Splits an expression into tokens in one pass. The last token marks the end. */
export function tokensOf(expression: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const { 0: text, index, groups = {} } of expression.matchAll(PATTERN)) {
    const kind = KINDS.find((name) => groups[name] !== undefined) ?? 'unknown';
    tokens.push({ kind, text, start: index, end: index + text.length });
  }
  return [...tokens, { kind: 'end', text: '<EOF>', start: expression.length, end: expression.length }];
}

const KINDS = ['word', 'name', 'value', 'number', 'sign'] as const;
