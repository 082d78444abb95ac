/** What DynamoDB says of an expression that it refuses, without the expression's name in front. */
export class ExpressionProblem extends Error {}
