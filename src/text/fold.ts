/**
 * Text as it is compared where case does not count: composed and decomposed letters are the same, and so are `ß` and
 * `ss`, `ς` and `σ`. Line breaks stay what and where they are.
 */
export function foldText(text: string): string {
  // Lower case of ASCII is a copy of bytes; the rest goes through the tables of Unicode.
  if (isAscii(text)) return text.toLowerCase();
  return text.normalize("NFC").toUpperCase().toLowerCase().replaceAll("ς", "σ").normalize("NFC");
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}
