import type { JsonObject } from '../endpoint/service.ts';

/** What the run holds for one resource of a template. */
export interface DeployedResource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  /** Name, URL or id, as `Ref` gives it. */
  readonly physicalId: string;
  /** `undefined` for resources that have none, such as a policy. */
  readonly arn: string | undefined;
  readonly constructPath: string;
  /** What `Fn::GetAtt` gives. @default none */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

interface TableDetail {
  readonly kind: 'table';
  readonly tableName: string;
  readonly streamArn: string | undefined;
  readonly timeToLiveAttribute: string | undefined;
}

interface QueueDetail {
  readonly kind: 'queue';
  readonly queueName: string;
  readonly url: string;
  readonly fifo: boolean;
  readonly deadLetterQueueArn: string | undefined;
  readonly maxReceiveCount: number | undefined;
}

interface BusDetail {
  readonly kind: 'bus';
  readonly busName: string;
}

export interface RuleTarget {
  readonly id: string;
  readonly arn: string;
  /** Where EventBridge puts what it cannot deliver. */
  readonly deadLetterQueueArn: string | undefined;
}

interface RuleDetail {
  readonly kind: 'rule';
  readonly ruleName: string;
  readonly busName: string;
  readonly eventPattern: JsonObject | undefined;
  readonly scheduleExpression: string | undefined;
  readonly enabled: boolean;
  readonly targets: readonly RuleTarget[];
}

interface FunctionDetail {
  readonly kind: 'function';
  readonly functionName: string;
  readonly roleArn: string;
  readonly codeFolder: string;
  readonly logGroupName: string;
}

interface MappingDetail {
  readonly kind: 'mapping';
  readonly functionName: string;
  readonly eventSourceArn: string;
  readonly onFailureArn: string | undefined;
  readonly enabled: boolean;
}

export interface RoleDetail {
  readonly kind: 'role';
  readonly roleName: string;
  readonly trustPolicy: JsonObject;
  readonly inlinePolicies: readonly PolicyDocument[];
  readonly managedPolicyArns: readonly string[];
  /** What conditions know as `aws:PrincipalTag/…`. @default - none */
  readonly tags?: Readonly<Record<string, string>>;
}

interface PolicyDocument {
  readonly name: string;
  readonly document: JsonObject;
}

/** AWS::IAM::Policy and AWS::IAM::ManagedPolicy: what they allow, and to which roles they are attached. */
interface PolicyDetail extends PolicyDocument {
  readonly kind: 'policy';
  readonly roleNames: readonly string[];
}

/** Who else may use a resource, or may not: a queue's, bus's or bucket's policy, a function's permission. */
interface ResourcePolicyDetail {
  readonly kind: 'resource-policy';
  /** ARNs, queue URLs or names, as the template gives them. */
  readonly resources: readonly string[];
  readonly document: JsonObject;
}

/** An HTTP API. */
interface ApiDetail {
  readonly kind: 'api';
  readonly apiName: string;
  /** Where its default stage answers. */
  readonly url: string;
}

interface ScheduleDetail {
  readonly kind: 'schedule';
  readonly scheduleName: string;
  readonly groupName: string;
  readonly expression: string;
  readonly enabled: boolean;
  readonly targetArn: string;
  /** Where the Scheduler puts what its target does not take. */
  readonly deadLetterQueueArn: string | undefined;
}

/** Listed only: a laptop has no metrics that could raise it. */
interface AlarmDetail {
  readonly kind: 'alarm';
  readonly alarmName: string;
  /** `Namespace/MetricName`; of an alarm over an expression, the expression. `undefined` when it names none. */
  readonly metric: string | undefined;
  readonly description: string | undefined;
}

interface DashboardDetail {
  readonly kind: 'dashboard';
  readonly dashboardName: string;
}

export type ResourceDetail =
  | TableDetail
  | QueueDetail
  | BusDetail
  | RuleDetail
  | FunctionDetail
  | MappingDetail
  | RoleDetail
  | PolicyDetail
  | ResourcePolicyDetail
  | ApiDetail
  | ScheduleDetail
  | AlarmDetail
  | DashboardDetail;

type DeployedTable = DeployedResource & TableDetail;
export type DeployedQueue = DeployedResource & QueueDetail;
type DeployedBus = DeployedResource & BusDetail;
type DeployedRule = DeployedResource & RuleDetail;
type DeployedFunction = DeployedResource & FunctionDetail;
export type DeployedMapping = DeployedResource & MappingDetail;
type DeployedApi = DeployedResource & ApiDetail;
type DeployedSchedule = DeployedResource & ScheduleDetail;
type DeployedAlarm = DeployedResource & AlarmDetail;
type DeployedDashboard = DeployedResource & DashboardDetail;
type DeployedResourcePolicy = DeployedResource & ResourcePolicyDetail;

export type DeployedRole = DeployedResource &
  RoleDetail & {
    /** All documents that apply: its own, and those of the policies attached to it. */
    readonly policies: readonly PolicyDocument[];
  };

/** The topology as it runs: what the template says, with real names. */
export interface Deployment {
  readonly accountId: string;
  readonly region: string;
  /** Outputs by stack name, then by output name. */
  readonly outputs: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** In the order of their creation. */
  readonly resources: readonly DeployedResource[];
  readonly tables: readonly DeployedTable[];
  readonly queues: readonly DeployedQueue[];
  readonly buses: readonly DeployedBus[];
  readonly rules: readonly DeployedRule[];
  readonly functions: readonly DeployedFunction[];
  readonly mappings: readonly DeployedMapping[];
  readonly roles: readonly DeployedRole[];
  readonly resourcePolicies: readonly DeployedResourcePolicy[];
  readonly apis: readonly DeployedApi[];
  readonly schedules: readonly DeployedSchedule[];
  readonly alarms: readonly DeployedAlarm[];
  readonly dashboards: readonly DeployedDashboard[];
}
