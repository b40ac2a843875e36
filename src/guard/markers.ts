/**
 * What stands in a resolved word for a piece whose text is not known before the command runs. Private-use
 * characters, so that a word stays a string; a command that holds them itself is refused before it is parsed.
 */
export const UNKNOWN = "\uE000";
/** A pattern of file names. */
export const GLOB = "\uE001";
/** Output of a program that prints paths, numbers or dates: never an option, a host or a program. */
export const PLAIN = "\uE002";
/** Behind UNKNOWN where that is the whole of a quoted word: it is one word, whatever it turns out to be. */
export const ONE = "\uE003";

const markers = /[\uE000-\uE003]/;

export function hasMarker(text: string): boolean {
  return markers.test(text);
}

/** The text as a sentence may quote it. */
export function showMarkers(text: string): string {
  return text.replaceAll(UNKNOWN, "…").replaceAll(GLOB, "*").replaceAll(PLAIN, "…").replaceAll(ONE, "");
}

/** Could be an option once it is known, or several words. */
export function mayBeOption(text: string): boolean {
  return text.startsWith(UNKNOWN) || (text.startsWith("-") && text.includes(UNKNOWN));
}
