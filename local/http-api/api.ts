import type { CorsSettings } from './cors.ts';
import type { JwtAuthorizer } from './jwt-authorizer.ts';
import type { RouteKey } from './route-key.ts';
import type { Throttle } from './throttle.ts';

/** An HTTP API: routes that lead to functions, served by its stages. */
export interface Api {
  readonly apiId: string;
  readonly cors: CorsSettings | undefined;
  readonly integrations: Map<string, Integration>;
  readonly authorizers: Map<string, JwtAuthorizer>;
  /** By id. */
  readonly routes: Map<string, Route>;
  readonly stages: Map<string, Stage>;
}

export interface Integration {
  readonly functionArn: string;
  /** Who invokes the function. @default API Gateway itself */
  readonly credentialsArn: string | undefined;
  /** 50 to 30,000 */
  readonly timeoutMs: number;
}

export interface Route {
  readonly key: RouteKey;
  readonly integrationId: string;
  /** Undefined: open to everybody. */
  readonly authorizerId: string | undefined;
  readonly scopes: readonly string[];
}

export interface Stage {
  /** `$default` is served without its name in the path. */
  readonly stageName: string;
  readonly variables: Readonly<Record<string, string>>;
  /** By route key; the routes that have none of their own share the one of the stage. */
  readonly throttleOf: (routeKey: string) => Throttle;
}

export const DEFAULT_STAGE = '$default';
