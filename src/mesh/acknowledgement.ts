/** What a receiver says of one file that lies for it on a sender's ref. */
export interface Acknowledgement {
  /** File name below `to/<receiver>/`. */
  readonly name: string;
  /** git's id of the bytes. */
  readonly blob: string;
  /** Null: it is in the inbox or the archive, committed. Otherwise why it was set aside. */
  readonly refused: string | null;
}

/** Bytes of an acknowledgement file that are looked at: some ten thousand lines. */
export const maxAckBytes = 1024 * 1024;

const LINE = /^([0-9a-f]{40,64}) (taken|refused [a-z0-9.-]{1,64}) ([0-9A-Za-z-]{1,125}\.md)$/;

export function formatAcknowledgements(list: readonly Acknowledgement[]): string {
  return [...list]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, blob, refused }) => {
      return `${blob} ${refused === null ? "taken" : `refused ${refused}`} ${name}\n`;
    })
    .join("");
}

/** A line that we cannot read says nothing. */
export function parseAcknowledgements(text: string): Acknowledgement[] {
  return text.split("\n").flatMap((line) => {
    const [, blob, state, name] = LINE.exec(line) ?? [];
    if (blob === undefined || state === undefined || name === undefined) return [];
    return [{ name, blob, refused: state === "taken" ? null : state.slice("refused ".length) }];
  });
}
