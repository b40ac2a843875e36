import { type ParsedScript, parse, type SyntaxNode } from "unbash";

const arithmeticTests = /^-(eq|ne|lt|le|gt|ge|v|R)$/;
/** Constructs that evaluate the text of a variable once more, and run what substitutions they find in it. */
export function evaluatesVariables(node: SyntaxNode): boolean {
  switch (node.type) {
    case "ArithmeticWord":
      return /[A-Za-z_]/.test(node.value);
    case "ParameterExpansion":
      return (
        node.prefix === "!" ||
        node.operation?.type === "Transform" ||
        node.operation?.type === "Slice" ||
        node.index !== undefined
      );
    case "TestBinary":
    case "TestUnary":
      return arithmeticTests.test(node.operator);
    case "Command":
      return /^(let|eval|declare|typeset|local|mapfile|test|\[|printf|read)$/.test(node.name?.value ?? "");
    default:
      return false;
  }
}

/** `${x@P}`: the value is expanded like a prompt, and what it holds is not always ours to see. */
export function expandsPrompt({ operation }: Extract<SyntaxNode, { type: "ParameterExpansion" }>): boolean {
  return operation?.type === "Transform" && operation.operand.value === "P";
}

/** Words of a test that bash takes for arithmetic or for a name, and evaluates although they are quoted. */
export function subscriptTexts(node: SyntaxNode): readonly string[] {
  if (node.type === "TestUnary") return /^-[vR]$/.test(node.operator) ? [node.operand.value] : [];
  if (node.type !== "TestBinary") return [];
  return arithmeticTests.test(node.operator) ? [node.left.value, node.right.value] : [];
}

/** Text that would run something if it were evaluated. */
export function holdsSubstitution(text: string): boolean {
  return /\$\(|`|\$\{/.test(text);
}

/** A tree that holds the text's substitutions and nothing else. */
export function parseSubstitutions(text: string): ParsedScript {
  let end = "END";
  while (text.includes(end)) end += "_";
  return parse(`: <<${end}\n${text}\n${end}\n`);
}
