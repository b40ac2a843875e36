/** Three or more of one of `*`, `-`, `_`, with white space between them (CommonMark 0.31, section 4.1). */
export function isThematicBreak(content: string): boolean {
  return /^(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/.test(content);
}
