import * as z from 'zod';

/** A function as its template describes it. */
export interface DeployedFunction {
  /** As logs and metrics call it. */
  readonly name: string;
  /** Within the assembly. */
  readonly assetFolder: string;
  /** With '1' for what only a deployment knows. */
  readonly variables: Readonly<Record<string, string>>;
}

const templateSchema = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })),
});

const functionSchema = z.object({
  Code: z.object({ S3Key: z.string() }),
  Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }).catchall(z.unknown()) }),
});

export const deployedFunctions = (templates: readonly unknown[]): readonly DeployedFunction[] =>
  templates
    .flatMap((template) => Object.values(templateSchema.parse(template).Resources))
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => {
      const { Code, Environment } = functionSchema.parse(Properties);
      return {
        name: Environment.Variables.POWERTOOLS_SERVICE_NAME,
        assetFolder: `asset.${Code.S3Key.replace('.zip', '')}`,
        variables: Object.fromEntries(
          Object.entries(Environment.Variables).map(([name, value]) => [name, typeof value === 'string' ? value : '1']),
        ),
      };
    });
