const VARIABLE = /^[A-Z][A-Z0-9_]{0,63}$/;

/** Names that a shell or the loader gives a meaning of its own. */
const RESERVED = /^(?:PATH|IFS|ENV|HOME|PS[0-9]|LD_.*|BASH_ENV|SHELLOPTS|VIBEOPS_.*)$/;

/** Whether a runbook may set a variable of that name, in its front matter or by capturing. */
export function isVariableName(name: string): boolean {
  return VARIABLE.test(name) && !RESERVED.test(name);
}
