import type { ResourceType } from '../resource-type.ts';
import { apiGatewayApi, apiGatewayDeployment, apiGatewayStage } from './api-gateway-api.ts';
import { apiGatewayAuthorizer, apiGatewayIntegration, apiGatewayRoute } from './api-gateway-route.ts';
import { cdkMetadata } from './cdk-metadata.ts';
import { cloudWatchAlarm, cloudWatchDashboard } from './cloudwatch.ts';
import { dynamoDbGlobalTable, dynamoDbTable } from './dynamodb-table.ts';
import { eventsArchive, eventsBus } from './events-bus.ts';
import { eventsRule } from './events-rule.ts';
import { iamManagedPolicy, iamPolicy, iamRole } from './iam.ts';
import { kmsKey } from './kms-key.ts';
import { lambdaEventInvokeConfig } from './lambda-event-invoke-config.ts';
import { lambdaEventSourceMapping } from './lambda-event-source-mapping.ts';
import { lambdaFunction } from './lambda-function.ts';
import { lambdaPermission } from './lambda-permission.ts';
import { lambdaAlias, lambdaVersion } from './lambda-version.ts';
import { logsLogGroup } from './logs-log-group.ts';
import { eventsBusPolicy, s3BucketPolicy, sqsQueuePolicy } from './resource-policies.ts';
import { s3Bucket } from './s3-bucket.ts';
import { schedulerSchedule, schedulerScheduleGroup } from './scheduler-schedule.ts';
import { secretsManagerSecret } from './secrets-manager-secret.ts';
import { snsTopic } from './sns-topic.ts';
import { sqsQueue } from './sqs-queue.ts';
import { ssmParameter } from './ssm-parameter.ts';

/** Every type of resource that a template may use, by its CloudFormation name. */
export const resourceTypes: ReadonlyMap<string, ResourceType> = new Map(
  [
    apiGatewayApi,
    apiGatewayAuthorizer,
    apiGatewayDeployment,
    apiGatewayIntegration,
    apiGatewayRoute,
    apiGatewayStage,
    cdkMetadata,
    cloudWatchAlarm,
    cloudWatchDashboard,
    dynamoDbGlobalTable,
    dynamoDbTable,
    eventsArchive,
    eventsBus,
    eventsBusPolicy,
    eventsRule,
    iamManagedPolicy,
    iamPolicy,
    iamRole,
    kmsKey,
    lambdaAlias,
    lambdaEventInvokeConfig,
    lambdaEventSourceMapping,
    lambdaFunction,
    lambdaPermission,
    lambdaVersion,
    logsLogGroup,
    s3Bucket,
    s3BucketPolicy,
    schedulerSchedule,
    schedulerScheduleGroup,
    secretsManagerSecret,
    snsTopic,
    sqsQueue,
    sqsQueuePolicy,
    ssmParameter,
  ].map((type) => [type.type, type]),
);
