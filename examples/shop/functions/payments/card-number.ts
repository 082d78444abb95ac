/** A number of 13 to 19 digits as ISO/IEC 7812 allows, in one piece or in groups, that is not part of a longer word. */
const CANDIDATE = /(?<![0-9A-Za-z])[2-6](?:[ .-]?\d){12,18}(?![0-9A-Za-z])/g;

/**
 * Whether a text contains what may be the number of a payment card: of the right length, and right by its check digit.
 * One number in ten is, by chance.
 * @see ISO/IEC 7812-1, annex B (Luhn)
 */
export const looksLikeCardNumber = (text: string): boolean =>
  (text.match(CANDIDATE) ?? []).some((candidate) => isLuhn(candidate.replaceAll(/\D/g, '')));

function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits.at(-1 - place));
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
