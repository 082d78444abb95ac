/** DynamoDB's message about a refused expression, without the expression's name at its beginning. */
export class ExpressionProblem extends Error {}
