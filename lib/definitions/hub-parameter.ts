/** The parameter of Parameter Store in which a hub describes itself to the apps of other services. */
export const hubParameterName = (environmentName: string): string => `/waybill/${environmentName}/hub`;

/** The environment whose hub a parameter describes; undefined for any other parameter. */
export const environmentOfHubParameter = (parameterName: string): string | undefined =>
  /^\/waybill\/([\w.-]{1,64})\/hub$/.exec(parameterName)?.[1];

/**
 * Key of the CDK context with a hub's description, which takes the place of the lookup in an account: for a local run, and
 * for tests. It contains no '=', at which the CDK CLI would split it.
 */
export const hubContextKey = (environmentName: string): string => `waybill:hub:${environmentName}`;
