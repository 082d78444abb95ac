import { ExpressionProblem } from './problem.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Reads an expression's tokens once, from left to right. */
export interface TokenReader {
  peek(): Token;
  /** The token after the next one. */
  peekBeyond(): Token;
  next(): Token;
  /** Whether the next token is this sign, or this keyword in any case. */
  at(text: string): boolean;
  /** Reads the next token if it is this one. @returns whether it was */
  take(text: string): boolean;
  /** @throws ExpressionProblem if another token is next */
  expect(text: string): void;
  /** Counts an operator. */
  operator(): void;
  /** Records a pair of parentheses directly around another pair. */
  redundantParentheses(): void;
  /** @throws ExpressionProblem always: the next token is not allowed */
  refuse(): never;
  /** @throws ExpressionProblem always: no valid expression has so many nested parentheses */
  tooDeep(): never;
  /** @throws ExpressionProblem if another token follows, or for too many operators or redundant parentheses */
  finish(): void;
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_OPERATORS = 300;
const REDUNDANT_PARENTHESES = 'The expression has redundant parentheses;';

export function readTokens(expression: string): TokenReader {
  const tokens = tokensOf(expression);
  const last = tokens.length - 1;
  let position = 0;
  let operators = 0;
  let hasRedundantParentheses = false;

  const tokenAt = (index: number): Token =>
    tokens[Math.min(index, last)] ?? { kind: 'end', text: '', start: 0, end: 0 };
  const peek = () => tokenAt(position);
  const at = (text: string) => {
    const { kind, text: found } = peek();
    return kind === 'word' ? found.toUpperCase() === text : kind === 'sign' && found === text;
  };
  const take = (text: string) => {
    const found = at(text);
    if (found) position++;
    return found;
  };
  const refuse = (): never => {
    const { text } = peek();
    const near = expression.slice(tokenAt(Math.max(position - 1, 0)).start, tokenAt(position + 1).end);
    throw new ExpressionProblem(`Syntax error; token: "${text}", near: "${near}"`);
  };
  const checkOperators = () => {
    if (operators <= MAX_OPERATORS) return;
    // DynamoDB stops counting at this number
    throw new ExpressionProblem(`The expression contains too many operators; operator count: ${MAX_OPERATORS + 1}`);
  };

  return {
    peek,
    peekBeyond: () => tokenAt(position + 1),
    next: () => tokenAt(position++),
    at,
    take,
    expect(text) {
      if (!take(text)) refuse();
    },
    operator() {
      operators++;
    },
    redundantParentheses() {
      hasRedundantParentheses = true;
    },
    refuse,
    tooDeep() {
      checkOperators();
      throw new ExpressionProblem(REDUNDANT_PARENTHESES);
    },
    finish() {
      if (peek().kind !== 'end') refuse();
      if (hasRedundantParentheses) throw new ExpressionProblem(REDUNDANT_PARENTHESES);
      checkOperators();
    },
  };
}
