import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../../local/clock.ts';
import { USER } from '../../../../local/endpoint/service.ts';
import { createSsm } from '../../../../local/ssm/ssm.ts';
import { checkAssembly, deploy } from '../../../../local/template/deploy.ts';
import { createUpdates } from '../../../../local/template/update.ts';
import { recordingEngines } from '../recording-engines.ts';
import { stacksOf } from '../stacks-of.ts';

const PLACE = { accountId: '000000000000', region: 'us-east-1' };

type Templates = Parameters<typeof stacksOf>[0];

/** Stacks on a Parameter Store that works. */
async function running(templates: Templates) {
  const { service: ssm } = createSsm({ ...PLACE, clock: createMovableClock(() => 0) });
  const live = await deploy(checkAssembly(stacksOf(templates), PLACE), { ...recordingEngines().engines, ssm });
  const updates = createUpdates(live, { clock: createMovableClock(() => 0), signal: new AbortController().signal });
  const call = (operation: string, input: object): Promise<object> => ssm.handle(operation, { ...input }, USER);
  return {
    call,
    get: (Name: string) => call('GetParameter', { Name }),
    outputs: (stackName: string) => Object.fromEntries(live.describe().outputs.get(stackName) ?? []),
    update: (next: Templates) => updates.update(checkAssembly(stacksOf(next), PLACE)),
  };
}

const parameter = (properties: object) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Name: '/hub/bus', Type: 'String', Value: 'orders', ...properties },
});

const hub = (properties: object = {}): Templates[string] => ({
  Resources: { It: parameter(properties) },
  Outputs: {
    Name: { Value: { Ref: 'It' } },
    Type: { Value: { 'Fn::GetAtt': ['It', 'Type'] } },
    Value: { Value: { 'Fn::GetAtt': ['It', 'Value'] } },
  },
});

/** Reads what the other stack has put. */
const service = (more: object = {}): Templates[string] => ({
  Parameters: {
    BusName: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/hub/bus' },
    Zones: { Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: '/hub/zones' },
    BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' },
  },
  Resources: { Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: { Ref: 'BusName' }, ...more } } },
  Outputs: { Second: { Value: { 'Fn::Select': [1, { Ref: 'Zones' }] } } },
});

const zones = { Zones: parameter({ Name: '/hub/zones', Type: 'StringList', Value: 'a,b' }) };
const withZones = (template: Templates[string] = hub()): Templates[string] => ({
  ...template,
  Resources: { ...template.Resources, ...zones },
});

describe('a parameter of a template', () => {
  it('is in Parameter Store, and gives its name, type and value', async () => {
    const { call, get, outputs } = await running({ Hub: hub({ Description: 'd', Tags: { team: 'x' } }) });

    expect(await get('/hub/bus')).toMatchObject({ Parameter: { Value: 'orders', Type: 'String', Version: 1 } });
    expect(await call('ListTagsForResource', { ResourceType: 'Parameter', ResourceId: '/hub/bus' })).toEqual({
      TagList: [{ Key: 'team', Value: 'x' }],
    });
    expect(outputs('Hub')).toEqual({ Name: '/hub/bus', Type: 'String', Value: 'orders' });
  });

  it('keeps a value that was put outside the template until the template changes', async () => {
    const { call, get, update } = await running({ Hub: hub() });
    await call('PutParameter', { Name: '/hub/bus', Value: 'by hand', Overwrite: true });

    expect(await update({ Hub: hub() })).toMatchObject({ updated: [] });
    expect(await get('/hub/bus')).toMatchObject({ Parameter: { Value: 'by hand' } });

    expect(await update({ Hub: hub({ Tags: { release: '2' } }) })).toMatchObject({ updated: ['Hub/It'] });
    expect(await get('/hub/bus')).toMatchObject({ Parameter: { Value: 'orders', Version: 3 } });
  });

  it('is deleted with its resource', async () => {
    const { get, update } = await running({ Hub: hub() });

    await update({ Hub: {} });

    await expect(get('/hub/bus')).rejects.toMatchObject({ code: 'ParameterNotFound' });
  });

  it('is refused when its name is taken, or as a SecureString', async () => {
    const twice = { Resources: { It: parameter({}), Again: parameter({}) } };

    await expect(running({ Hub: twice })).rejects.toMatchObject({
      code: 'LOCAL_DEPLOYMENT_FAILED',
      message: expect.stringContaining('The parameter already exists.'),
    });
    await expect(running({ Hub: hub({ Type: 'SecureString' }) })).rejects.toMatchObject({
      code: 'LOCAL_TEMPLATE_REFUSED',
      message: expect.stringContaining("'SecureString', which CloudFormation does not create"),
    });
  });
});

describe("a template's parameter from Parameter Store", () => {
  it('has the value that an earlier stack has put, and is not read if nothing refers to it', async () => {
    const { outputs } = await running({ Hub: withZones(), Service: service() });

    expect(outputs('Service')).toEqual({ Second: 'b' });
  });

  it('has the newer value with the next update', async () => {
    const { update } = await running({ Hub: withZones(), Service: service() });

    const result = await update({ Hub: withZones(hub({ Value: 'invoices' })), Service: service() });

    expect(result).toMatchObject({ updated: ['Hub/It'], replaced: ['Service/Bus'] });
  });

  it('fails the deployment of its stack when it does not exist', async () => {
    await expect(running({ Service: service() })).rejects.toMatchObject({
      code: 'LOCAL_DEPLOYMENT_FAILED',
      message:
        'Service/BusName (AWS::SSM::Parameter::Value<String>): ParameterNotFound: Unable to fetch parameters [/hub/bus] from parameter store for this account. A stack that is deployed before this one has to create it',
    });
  });

  it('fails an update when it is deleted, and nothing changes', async () => {
    const { call, outputs, update } = await running({ Hub: withZones(), Service: service() });
    await call('DeleteParameter', { Name: '/hub/bus' });

    await expect(update({ Service: service({ Description: 'new' }) })).rejects.toMatchObject({
      code: 'LOCAL_DEPLOYMENT_FAILED',
      message: expect.stringContaining('[/hub/bus]'),
    });
    expect(outputs('Service')).toEqual({ Second: 'b' });
  });
});
