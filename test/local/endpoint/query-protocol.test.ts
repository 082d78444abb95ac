import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../local/endpoint/aws-error.ts';
import { createQueryProtocol } from '../../../local/endpoint/query-protocol/query-protocol.ts';
import { listOf, mapOf, member, structure } from '../../../local/endpoint/query-protocol/shape.ts';

const value = structure(member('Text', 'string'), member('Count', 'integer'), member('Flag', 'boolean'));
const everything = structure(
  member('Url', 'string'),
  member('Count', 'integer'),
  member('Flag', 'boolean'),
  member('Names', listOf('string'), 'Name'),
  member('Entries', listOf(value), 'Entry'),
  member('Tags', mapOf('Key', 'Value', 'string'), 'Tag'),
  member('Attributes', mapOf('Name', 'Value', value), 'Attribute'),
);

const protocol = createQueryProtocol({
  signingName: 'shop',
  xmlNamespace: 'http://shop.example/',
  pathParameter: 'Url',
  operations: { Do: { input: everything, output: everything }, Forget: { input: everything } },
});

const inputOf = (parameters: string, path = '/') =>
  protocol.readRequest(new URLSearchParams(`Action=Do&${parameters}`), path).input;

describe('requests of the query protocol', () => {
  it('names the operation', () => {
    expect(protocol.readRequest(new URLSearchParams('Action=Forget&Version=2012-11-05'), '/')).toEqual({
      operation: 'Forget',
      input: {},
    });
  });

  it.each([
    ['Count=7&Flag=true', { Count: 7, Flag: true }],
    ['Count=-7&Flag=false', { Count: -7, Flag: false }],
    ['Name.1=a&Name.2=b', { Names: ['a', 'b'] }],
    ['Tag.1.Key=k&Tag.1.Value=v&Tag.2.Key=empty&Tag.2.Value=', { Tags: { k: 'v', empty: '' } }],
    ['Entry.1.Text=a&Entry.1.Count=1&Entry.2.Text=b', { Entries: [{ Text: 'a', Count: 1 }, { Text: 'b' }] }],
    ['Attribute.1.Name=a.b&Attribute.1.Value.Text=x', { Attributes: { 'a.b': { Text: 'x' } } }],
  ])('reads %s', (parameters, input) => {
    expect(inputOf(parameters)).toEqual(input);
  });

  it('orders a list by number, not by text, and closes its gaps', () => {
    expect(inputOf('Name.10=c&Name.2=a&Name.9=b')).toEqual({ Names: ['a', 'b', 'c'] });
  });

  it('reads a list without a number as a list of one member', () => {
    expect(inputOf('Name=All')).toEqual({ Names: ['All'] });
  });

  it('keeps an empty text', () => {
    expect(inputOf('Url=')).toEqual({ Url: '' });
  });

  it('decodes what forms encode', () => {
    expect(inputOf('Url=a%20b+c%26%C3%A9%0D%0A')).toEqual({ Url: 'a b c&é\r\n' });
  });

  it('passes an invalid number or boolean on for the service to refuse', () => {
    expect(inputOf('Count=ten&Flag=yes')).toEqual({ Count: 'ten', Flag: 'yes' });
  });

  it('ignores unknown parameters, and map entries without a key', () => {
    expect(inputOf('Colour=red&Tag.1.Value=v&constructor.1=x')).toEqual({ Tags: {} });
  });

  it('reads a map key that is also a member of every object', () => {
    const { Tags } = inputOf('Tag.1.Key=__proto__&Tag.1.Value=v');

    expect(Object.entries(Object(Tags))).toEqual([['__proto__', 'v']]);
  });

  it('uses the path as the queue URL unless the parameter is given', () => {
    expect(inputOf('Count=1', '/111122223333/q')).toEqual({ Url: '/111122223333/q', Count: 1 });
    expect(inputOf('Url=http%3A%2F%2Fa%2Fb', '/111122223333/q')).toEqual({ Url: 'http://a/b' });
  });

  it('rejects a request without an action', () => {
    expect(() => protocol.readRequest(new URLSearchParams('Url=x'), '/')).toThrow(
      expect.objectContaining({ code: 'MissingAction', statusCode: 400 }),
    );
  });

  it('rejects an action that the service does not have', () => {
    expect(() => protocol.readRequest(new URLSearchParams('Action=Undo'), '/')).toThrow(
      expect.objectContaining({ code: 'InvalidAction', message: 'The action Undo is not valid for this endpoint.' }),
    );
  });
});

describe('answers of the query protocol', () => {
  const resultOf = (output: object) =>
    /<DoResult>(.*)<\/DoResult>/s.exec(protocol.writeOutput('Do', output, 'id-1'))?.[1];

  it('wraps the result and the id of the request', () => {
    expect(protocol.writeOutput('Do', { Url: 'x' }, 'id-1')).toBe(
      '<?xml version="1.0"?><DoResponse xmlns="http://shop.example/"><DoResult><Url>x</Url></DoResult>' +
        '<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DoResponse>',
    );
  });

  it('has no result element for an operation without output', () => {
    expect(protocol.writeOutput('Forget', {}, 'id-1')).toBe(
      '<?xml version="1.0"?><ForgetResponse xmlns="http://shop.example/">' +
        '<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></ForgetResponse>',
    );
  });

  it.each([
    [{}, ''],
    [{ Url: undefined, Count: 0, Flag: false }, '<Count>0</Count><Flag>false</Flag>'],
    [{ Names: ['a', 'b'] }, '<Name>a</Name><Name>b</Name>'],
    [{ Entries: [{ Text: 'a', Count: 1 }] }, '<Entry><Text>a</Text><Count>1</Count></Entry>'],
    [{ Tags: { k: 'v' } }, '<Tag><Key>k</Key><Value>v</Value></Tag>'],
    [{ Attributes: { 'a.b': { Text: 'x' } } }, '<Attribute><Name>a.b</Name><Value><Text>x</Text></Value></Attribute>'],
  ])('writes %j', (output, xml) => {
    expect(resultOf(output)).toBe(xml);
  });

  it('escapes markup, and the carriage returns that XML readers would drop', () => {
    expect(resultOf({ Url: '<a b="c">&\r\n\té</a>' })).toBe(
      '<Url>&lt;a b=&quot;c&quot;&gt;&amp;&#xD;\n\té&lt;/a&gt;</Url>',
    );
  });

  it('reports an error with its query protocol code and whether sender or receiver is at fault', () => {
    const gone = new AwsError('QueueDoesNotExist', 'no <q>', { queryCode: 'AWS.NonExistentQueue' });

    expect(protocol.writeError(gone, 'id-1')).toBe(
      '<?xml version="1.0"?><ErrorResponse xmlns="http://shop.example/"><Error><Type>Sender</Type>' +
        '<Code>AWS.NonExistentQueue</Code><Message>no &lt;q&gt;</Message><Detail/></Error>' +
        '<RequestId>id-1</RequestId></ErrorResponse>',
    );
    expect(protocol.writeError(new AwsError('InternalFailure', 'oh', { statusCode: 500 }), 'id-2')).toContain(
      '<Type>Receiver</Type><Code>InternalFailure</Code>',
    );
  });
});
