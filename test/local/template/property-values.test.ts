import { describe, expect, it } from 'vitest';
import {
  objectList,
  optionalBoolean,
  optionalNumber,
  optionalText,
  requiredText,
  textList,
} from '../../../local/template/property-values.ts';

describe('property values', () => {
  it('accept numbers and booleans as text, as CloudFormation does', () => {
    const properties = { Number: '30', Boolean: 'false', Text: 5 };

    expect(optionalNumber(properties, 'Number')).toBe(30);
    expect(optionalBoolean(properties, 'Boolean')).toBe(false);
    expect(optionalText(properties, 'Text')).toBe('5');
  });

  it('are undefined if the template does not set them', () => {
    expect(optionalNumber({}, 'Number')).toBeUndefined();
    expect(optionalBoolean({}, 'Boolean')).toBeUndefined();
    expect(optionalText({}, 'Text')).toBeUndefined();
    expect(textList({}, 'List')).toEqual([]);
  });

  it('treat one item as a list of one', () => {
    expect(textList({ List: 'a' }, 'List')).toEqual(['a']);
    expect(objectList({ List: { a: 1 } }, 'List')).toEqual([{ a: 1 }]);
  });

  it.each([
    ['text', () => optionalText({ P: ['a'] }, 'P'), `property 'P' is ["a"], expected text`],
    ['a number', () => optionalNumber({ P: 'many' }, 'P'), `property 'P' is "many", expected a number`],
    ['an empty number', () => optionalNumber({ P: '' }, 'P'), `property 'P' is "", expected a number`],
    ['a boolean', () => optionalBoolean({ P: 'yes' }, 'P'), `property 'P' is "yes", expected true or false`],
    ['a list of texts', () => textList({ P: [1] }, 'P'), "property 'P' is 1, expected a list of texts"],
    ['a list of objects', () => objectList({ P: ['a'] }, 'P'), `property 'P' is "a", expected a list of objects`],
    ['what is required', () => requiredText({}, 'P'), "property 'P' is required"],
  ])('reject a value that is not %s', (_, read, message) => {
    expect(read).toThrow(message);
  });
});
