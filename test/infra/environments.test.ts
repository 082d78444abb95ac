import { describe, expect, it } from 'vitest';
import { defineSettings, selectEnvironment } from '../../infra/environments.ts';

describe('the environments', () => {
  it('refuses a reserved concurrency of the relay that the account does not allow', () => {
    const select = () => selectEnvironment({ env: 'prod', 'setting:relayReservedConcurrency': '899' });

    expect(select).toThrow(
      expect.objectContaining({
        problems: [
          'relayReservedConcurrency must leave the account 100 unreserved executions and the sweeper 2, at most 898 of accountConcurrency 1000, got 899: lower it, or have the quota raised and set accountConcurrency',
        ],
      }),
    );
  });

  it('uses dev if no environment is given', () => {
    const environment = selectEnvironment({});

    expect(environment.name).toBe('dev');
    expect(environment.settings.maxConcurrency).toBe(4);
    expect(environment.settings.removalPolicy).toBe('destroy');
  });

  it('protects production data', () => {
    const { settings } = selectEnvironment({ env: 'prod' });

    expect(settings).toMatchObject({
      removalPolicy: 'retain',
      deletionProtection: true,
      pointInTimeRecovery: true,
      alarmsEnabled: true,
      tracing: true,
    });
  });

  it('configures staging like production, but with data that can be destroyed', () => {
    const { settings } = selectEnvironment({ env: 'staging' });

    expect(settings).toMatchObject({ alarmsEnabled: true, pointInTimeRecovery: true, removalPolicy: 'destroy' });
  });

  it('overrides single settings with text from the command line', () => {
    const { settings } = selectEnvironment({
      env: 'prod',
      'setting:logLevel': 'DEBUG',
      'setting:maxConcurrency': '7',
      'setting:tracing': 'false',
      'setting:alarmTopicArn': 'arn:aws:sns:eu-west-1:111122223333:alarms',
    });

    expect(settings).toMatchObject({
      logLevel: 'DEBUG',
      maxConcurrency: 7,
      tracing: false,
      alarmTopicArn: 'arn:aws:sns:eu-west-1:111122223333:alarms',
      removalPolicy: 'retain',
    });
  });

  it('overrides single settings with values from cdk.json', () => {
    const { settings } = selectEnvironment({ 'setting:maxReceiveCount': 9, 'setting:alarmsEnabled': true });

    expect(settings).toMatchObject({ maxReceiveCount: 9, alarmsEnabled: true });
  });

  it('ignores context of others', () => {
    const { name } = selectEnvironment({ env: 'dev', '@aws-cdk/core:checkSecretUsage': true });

    expect(name).toBe('dev');
  });

  it.each([
    ['production', '"production"'],
    ['toString', '"toString"'],
    [7, '7'],
  ])('refuses the unknown environment %s with the list of those that exist', (env, shown) => {
    expect(() => selectEnvironment({ env })).toThrow(
      expect.objectContaining({
        code: 'SETTINGS_INVALID',
        message: `environment '${env}' cannot be used:\n  - env must be one of dev, staging, prod, got ${shown}: cdk synth -c env=dev`,
      }),
    );
  });

  it('refuses an unknown setting with the list of those that exist', () => {
    expect(() => selectEnvironment({ 'setting:retries': '3' })).toThrow(
      expect.objectContaining({
        code: 'SETTINGS_INVALID',
        message:
          "environment 'dev' cannot be used:\n  - 'retries' is no setting: choose from outboxRetentionDays, inboxExpiryDays, archiveRetentionDays, queueRetentionDays, logRetentionDays, logLevel, maxConcurrency, accountConcurrency, relayReservedConcurrency, maxReceiveCount, sweepEveryMinutes, sweepAfterSeconds, metricNamespace, alarmsEnabled, alarmTopicArn, removalPolicy, deletionProtection, pointInTimeRecovery, tracing, tenancy, longestPauseHours, compressEvents, eventIndexes",
      }),
    );
  });

  it('refuses all invalid values in one error, each with the allowed values', () => {
    const context = {
      env: 'staging',
      'setting:logLevel': 'LOUD',
      'setting:maxConcurrency': '1.5',
      'setting:maxReceiveCount': 'many',
      'setting:sweepEveryMinutes': '0',
      'setting:sweepAfterSeconds': '30',
      'setting:metricNamespace': 'AWS/Lambda',
      'setting:logRetentionDays': '8',
      'setting:tracing': 'yes',
      'setting:alarmTopicArn': 'alarms',
      'setting:queueRetentionDays': '14',
    };

    expect(() => selectEnvironment(context)).toThrow(
      expect.objectContaining({
        code: 'SETTINGS_INVALID',
        problems: [
          'queueRetentionDays must be a whole number of days from 1 to 13, got 14',
          'logRetentionDays must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, got 8',
          'logLevel must be one of DEBUG, INFO, WARN, ERROR, got "LOUD"',
          'maxConcurrency must be a whole number of executions from 2 to 1000, got 1.5',
          'maxReceiveCount must be a whole number of receives from 1 to 1000, got "many"',
          'sweepEveryMinutes must be a whole number of minutes from 1 to 60, got 0',
          'sweepAfterSeconds must be a whole number of seconds from 60 to 86400, got 30',
          "metricNamespace must be 'Waybill', '/' and letters, digits, '.', '-', '_', such as Waybill/prod, got \"AWS/Lambda\"",
          'alarmTopicArn must be the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:111122223333:alarms, got "alarms"',
          'tracing must be true or false, got "yes"',
        ],
      }),
    );
  });

  it('refuses an inbox retention that is shorter than the time in which a message can arrive', () => {
    const context = {
      'setting:queueRetentionDays': '5',
      'setting:outboxRetentionDays': '18',
      'setting:inboxExpiryDays': '17',
    };

    expect(() => selectEnvironment(context)).toThrow(
      expect.objectContaining({
        message:
          "environment 'dev' cannot be used:\n" +
          '  - outboxRetentionDays must be at least 19 (queueRetentionDays 5 + 14 days as a dead letter), got 18: an event would be gone from the log before its redrive\n' +
          '  - inboxExpiryDays must be at least 19 (queueRetentionDays 5 + 14 days as a dead letter), got 17: a redriven event could take effect twice',
      }),
    );
  });

  it('refuses deletion protection for data that is to be destroyed', () => {
    expect(() => selectEnvironment({ 'setting:deletionProtection': 'true' })).toThrow(
      expect.objectContaining({
        message:
          "environment 'dev' cannot be used:\n  - deletionProtection true contradicts removalPolicy 'destroy': cdk destroy would fail; set removalPolicy to 'retain' or deletionProtection to false",
      }),
    );
  });

  it.each([
    [{ enviroment: 'prod' }, 'enviroment is not read: did you mean -c env=prod?'],
    [{ environment: 'prod' }, 'environment is not read: did you mean -c env=prod?'],
    [{ ENV: 'prod' }, 'ENV is not read: did you mean -c env=prod?'],
    [{ env: 'dev', loadBundle: 'false' }, 'loadBundle is not read: did you mean -c loadBundles=false?'],
    [{ 'settings:logLevel': 'WARN' }, 'settings:logLevel is not read: did you mean -c setting:logLevel=WARN?'],
    [{ 'seting:loglevel': 'WARN' }, 'seting:loglevel is not read: did you mean -c setting:logLevel=WARN?'],
  ])('refuses %j, which would have no effect, and proposes the key that is read', (context, problem) => {
    expect(() => selectEnvironment(context)).toThrow(
      expect.objectContaining({
        code: 'SETTINGS_INVALID',
        message: expect.stringContaining(`the CDK context cannot be used:\n  - ${problem}`),
      }),
    );
  });

  it.each([
    { stage: 'prod' },
    { '@aws-cdk/core:checkSecretUsage': true },
    { 'aws:cdk:enable-path-metadata': true },
    { 'settings:theme': 'dark' },
    { 'shop:fulfilment': 'orchestrated' },
    { logo: 'a.svg', vpcId: 'vpc-1', domain: 'example.com' },
    { env: 'dev', environment: 'of the team' },
  ])('ignores %j, which belongs to others', (context) => {
    expect(selectEnvironment(context).name).toBe('dev');
  });

  it('proposes the setting that was most likely meant', () => {
    expect(() => selectEnvironment({ 'setting:logLevl': 'WARN' })).toThrow(
      /'logLevl' is no setting: did you mean logLevel\? choose from outboxRetentionDays, /,
    );
  });
});

describe('settings of an app that chooses its environments itself', () => {
  it('are those of a preset, with changes', () => {
    const settings = defineSettings('prod', { maxConcurrency: 20, metricNamespace: 'Waybill/live' });

    expect(settings).toMatchObject({ maxConcurrency: 20, metricNamespace: 'Waybill/live', outboxRetentionDays: 30 });
  });

  it('are checked as all settings are', () => {
    expect(() => defineSettings('dev', { outboxRetentionDays: 3 })).toThrow(
      expect.objectContaining({
        code: 'SETTINGS_INVALID',
        problems: [expect.stringMatching(/^outboxRetentionDays must be at least 18 .* got 3/)],
      }),
    );
  });

  it('are refused for an unknown preset', () => {
    expect(() => defineSettings('production' as 'prod')).toThrow(
      "the settings like 'production' cannot be used:\n  - the preset must be one of dev, staging, prod, got 'production'",
    );
  });
});
