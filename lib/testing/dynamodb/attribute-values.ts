import { isTooLarge, significantDigits } from './decimal.ts';
import type { AttributeValue, Item } from './item.ts';

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
const MAX_SIGNIFICANT_DIGITS = 38;
/** The lowest exponent of the first digit: 1E-130 is the number nearest to zero. */
const MIN_EXPONENT = -130;

/** DynamoDB's message about an invalid value, or the value with normalized numbers. */
type CheckedValue = { readonly problem: string } | { readonly value: AttributeValue };

/** The same for the attributes of an item or a key. */
export type CheckedItem = { readonly problem: string } | { readonly item: Item };

export function checkItem(item: Item): CheckedItem {
  const checked: [name: string, value: AttributeValue][] = [];
  for (const [name, value] of Object.entries(item)) {
    const result = checkValue(value);
    if ('problem' in result) return result;
    checked.push([name, result.value]);
  }
  return { item: Object.fromEntries(checked) };
}

/** The value comes from `toWire` and has one type at most. */
function checkValue(value: AttributeValue): CheckedValue {
  if (value.N !== undefined) {
    const number = checkNumber(value.N);
    return 'problem' in number ? number : { value: { N: number.text } };
  }
  if (value.NULL === false) return invalid('Null attribute value types must have the value of true');
  if (value.SS !== undefined)
    return checkSet(value, value.SS, 'An string set  may not be empty', ' contains duplicates.');
  if (value.BS !== undefined) {
    return checkSet(value, value.BS, 'Binary sets should not be empty', 'of type BS contains duplicates.');
  }
  if (value.NS !== undefined) return checkNumberSet(value.NS);
  if (value.L !== undefined) return checkList(value.L);
  if (value.M !== undefined) {
    const members = checkItem(value.M);
    return 'problem' in members ? members : { value: { M: members.item } };
  }
  if (Object.keys(value).length > 0) return { value };
  return { problem: 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes' };
}

const invalid = (problem: string) => ({ problem: `One or more parameter values were invalid: ${problem}` });

function checkSet(
  value: AttributeValue,
  members: readonly string[],
  whenEmpty: string,
  whenDouble: string,
): CheckedValue {
  if (members.length === 0) return invalid(whenEmpty);
  if (new Set(members).size === members.length) return { value };
  return invalid(`Input collection [${members.join(', ')}]${whenDouble}`);
}

function checkNumberSet(members: readonly string[]): CheckedValue {
  if (members.length === 0) return invalid('An number set  may not be empty');
  const numbers: string[] = [];
  for (const member of members) {
    const number = checkNumber(member);
    if ('problem' in number) return number;
    numbers.push(number.text);
  }
  if (new Set(numbers).size < numbers.length) return { problem: 'Input collection contains duplicates' };
  return { value: { NS: numbers } };
}

function checkList(members: readonly AttributeValue[]): CheckedValue {
  const values: AttributeValue[] = [];
  for (const member of members) {
    const result = checkValue(member);
    if ('problem' in result) return result;
    values.push(result.value);
  }
  return { value: { L: values } };
}

const NUMBER = /^(?:\+(?=[\d.]))?(-?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;

/** A number as DynamoDB stores it: plain decimal text without redundant zeros. */
export function checkNumber(text: string): { readonly problem: string } | { readonly text: string } {
  if (text === '') return { problem: 'The parameter cannot be converted to a numeric value' };
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = NUMBER.exec(text) ?? [];
  if (whole === '' && fraction === '') {
    return { problem: `The parameter cannot be converted to a numeric value: ${text}` };
  }
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return { text: '0' };
  const leadingZeros = whole.length + fraction.length - digits.length;
  const exponent = Number(exponentText) + whole.length - leadingZeros - 1;
  if (exponent < MIN_EXPONENT) {
    return { problem: 'Number underflow. Attempting to store a number with magnitude smaller than supported range' };
  }
  const plain = exponent > 200 ? '1'.padEnd(200, '0') : placePoint(digits, exponent);
  if (isTooLarge(plain)) {
    return { problem: 'Number overflow. Attempting to store a number with magnitude larger than supported range' };
  }
  if (significantDigits(plain) > MAX_SIGNIFICANT_DIGITS) {
    return { problem: 'Attempting to store more than 38 significant digits in a Number' };
  }
  return { text: sign + plain };
}

/** @param exponent of the first digit: 2 for 123.4 */
function placePoint(digits: string, exponent: number): string {
  const significant = digits.replace(/0+$/, '');
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${significant}`;
  const whole = significant.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = significant.slice(exponent + 1);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
