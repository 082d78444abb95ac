import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  LoggingFormat,
  RecursiveLoop,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, type NodejsFunctionProps } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { ENV, settingsParameterName } from '../../lib/definitions/index.ts';
import { type BundleContent, bundleOptions, bundleProblem } from '../bundles/bundle-content.ts';
import { entryPath, isBuiltEntry, projectFileOf } from '../project.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { assertGivenAt, assertPropsAt, durationOutOfRange, noSuchFile, outOfRange } from './assert-props.ts';
import { addFunctionAlarms, FUNCTION_ALARMS, type FunctionAlarm } from './function-alarms.ts';
import { FunctionCode } from './function-code.ts';
import { grantItems, type ItemAction } from './grantee.ts';
import { removalPolicyOf } from './removal-policy.ts';

const DEFAULT_TIMEOUT = Duration.seconds(30);
const DEFAULT_MEMORY_SIZE = 512;

export interface FunctionSizing extends BundleContent {
  /**
   * Whole seconds from 1 to 900.
   * @default 30 seconds
   * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
   */
  readonly timeout?: Duration;
  /**
   * MiB from 128 to 10240; CPU grows with it.
   * @default 512
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
   */
  readonly memorySize?: number;
  /**
   * Executions that Lambda keeps for this function, and that it never exceeds: 1 to 1000, and at least `maxConcurrency` where
   * a queue's mapping calls it.
   * @default - none: it shares the account's
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
   */
  readonly reservedConcurrentExecutions?: number;
  /** Whether it uses `withoutTenant` on purpose, so that no alarm is raised for it. @default false */
  readonly worksAcrossTenants?: boolean;
  /** Variables beside those that Waybill sets (`WAYBILL_*`, `POWERTOOLS_*`). @default - none */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface WaybillFunctionProps extends FunctionSizing {
  /** The composition root, from the folder of cdk.json: `functions/billing/index.ts`. It exports `handler`. */
  readonly entry: string;
  /** Its name in logs and metrics: `service`. */
  readonly serviceName: string;
  readonly settings: EnvironmentSettings;
  /** @default - none */
  readonly description?: string;
  /** For a construct with its own alarms on the function. @default - all */
  readonly alarms?: readonly FunctionAlarm[];
  /**
   * Whether it may send to what it is invoked from, as often as its own code does: Lambda ends such a chain after about
   * 16 invocations else. For code alone that bounds itself.
   * @default false
   * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
   */
  readonly sendsToItself?: boolean;
  /**
   * Environment whose settings parameter its code follows, with its log level among them. Its log is then in Lambda's text
   * format, in which Powertools' lines stay JSON: with Lambda's JSON format, the level that is deployed cannot be changed
   * by the code.
   * @default - none: its log level is that of the settings
   * @see https://docs.aws.amazon.com/powertools/typescript/latest/features/logger/#aws-lambda-advanced-logging-controls-alc
   */
  readonly follows?: string;
}

/** Effective values, to derive other values. */
export const timeoutOf = (props: FunctionSizing): Duration => props.timeout ?? DEFAULT_TIMEOUT;

/** What is wrong with a function's props: a construct that has a function reports it together with its own. */
export function functionProblems(props: FunctionSizing & { readonly entry: string }): readonly (string | undefined)[] {
  const reserved = Object.keys(props.environment ?? {}).filter((name) => /^(WAYBILL_|POWERTOOLS_)/.test(name));
  return [
    noSuchFile('entry', props.entry, entryPath(props.entry)),
    projectFileOf(entryPath(props.entry)) === undefined
      ? `entry '${props.entry}' belongs to no project: no folder above it has a lock file or a package.json`
      : undefined,
    props.timeout?.isUnresolved()
      ? 'timeout must be known at synth, because other values are derived from it: got a token'
      : durationOutOfRange('timeout', props.timeout, { min: 1, max: 900 }),
    outOfRange('memorySize', props.memorySize, { min: 128, max: 10_240, unit: 'MiB' }),
    outOfRange('reservedConcurrentExecutions', props.reservedConcurrentExecutions, {
      min: 1,
      max: 1000,
      unit: 'executions',
    }),
    reserved.length === 0
      ? undefined
      : `environment must not set variables that Waybill sets (WAYBILL_*, POWERTOOLS_*), got ${reserved.join(', ')}: choose other names`,
    bundleProblem(props),
  ];
}

/**
 * A Lambda function as all of Waybill's are: Node 24 on arm64, one bundled ES module, JSON logs in a log group of its
 * own, no rights but those that it is granted.
 * @throws WiringError `WIRING_INVALID` with every problem of the props
 */
export class WaybillFunction extends NodejsFunction {
  /** The composition root, as passed in. */
  readonly entry: string;
  /** Holds all rights of the function, in one policy. */
  readonly executionRole: Role;

  constructor(scope: Construct, id: string, props: WaybillFunctionProps) {
    const path = `${scope.node.path}/${id}`;
    assertGivenAt(WaybillFunction.name, path, props, 'entry', 'serviceName', 'settings');
    assertPropsAt(WaybillFunction.name, path, functionProblems(props));
    const { settings } = props;
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: settings.logRetentionDays,
      removalPolicy: removalPolicyOf(settings),
    });
    // not the managed policy, which allows writing to every log group of the account
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    super(scope, id, { ...nodejsFunctionProps(props), role, logGroup });
    this.entry = props.entry;
    this.executionRole = role;
    if (props.follows !== undefined) this.followSettings(props.follows);
    addFunctionAlarms(this, { settings, name: props.serviceName, alarms: alarmsOf(props) });
    if (settings.tracing) {
      Validations.of(role).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'xray:PutTraceSegments and xray:PutTelemetryRecords know no resources.',
      });
    }
  }

  /** The parameter is no resource of the stack: a deployment would overwrite what operations have set. */
  private followSettings(environmentName: string): void {
    const parameterName = settingsParameterName(environmentName);
    this.addEnvironment(ENV.settingsParameterName, parameterName);
    Grant.addToPrincipal({
      grantee: this,
      actions: ['ssm:GetParameter'],
      resourceArns: [
        Stack.of(this).formatArn({
          service: 'ssm',
          resource: 'parameter',
          resourceName: parameterName.slice(1),
          arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
        }),
      ],
    });
  }

  /**
   * Tells the function the table's name and gives it these actions on the table's items, not on its indexes; and the use of
   * the table's customer key, if it has one.
   */
  useTable(table: ITable, environmentVariable: string, actions: readonly ItemAction[]): Grant {
    this.addEnvironment(environmentVariable, table.tableName);
    return grantItems(this, table, actions);
  }
}

const alarmsOf = ({ alarms = FUNCTION_ALARMS, settings, worksAcrossTenants = false }: WaybillFunctionProps) =>
  settings.tenancy === 'required' && !worksAcrossTenants
    ? alarms
    : alarms.filter((alarm) => alarm !== 'CrossTenantWork');

/** Bundles the entry, unless it is a bundle of the package. */
function codeOf(props: WaybillFunctionProps): NodejsFunctionProps {
  const entry = entryPath(props.entry);
  if (isBuiltEntry(entry)) return { code: Code.fromAsset(dirname(entry)), handler: 'index.handler' };
  const projectFile = projectFileOf(entry);
  if (projectFile === undefined) throw new TypeError(`entry '${props.entry}' belongs to no project`);
  // real paths, as esbuild's own
  const request = {
    entry: realpathSync(entry),
    root: realpathSync(dirname(projectFile)),
    options: bundleOptions(props),
  };
  return { code: new FunctionCode(request, props.entry), handler: 'index.handler' };
}

function nodejsFunctionProps(props: WaybillFunctionProps): NodejsFunctionProps {
  const { settings, serviceName } = props;
  return {
    ...codeOf(props),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    timeout: timeoutOf(props),
    memorySize: props.memorySize ?? DEFAULT_MEMORY_SIZE,
    ...(props.follows === undefined
      ? { loggingFormat: LoggingFormat.JSON, applicationLogLevelV2: ApplicationLogLevel[settings.logLevel] }
      : { loggingFormat: LoggingFormat.TEXT }),
    tracing: settings.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
    // a setting of version 2 of the SDK
    awsSdkConnectionReuse: false,
    environment: {
      ...props.environment,
      [ENV.serviceName]: serviceName,
      POWERTOOLS_METRICS_NAMESPACE: settings.metricNamespace,
      [ENV.logLevel]: settings.logLevel,
      [ENV.tenancy]: settings.tenancy,
    },
    ...(props.description === undefined ? {} : { description: props.description }),
    ...(props.sendsToItself === true ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
    ...(props.reservedConcurrentExecutions === undefined
      ? {}
      : { reservedConcurrentExecutions: props.reservedConcurrentExecutions }),
  };
}
