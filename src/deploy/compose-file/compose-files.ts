/** The files that a Compose project may be made of; paths are as whoever gives them names them. */
export interface ComposeFiles {
  has(path: string): boolean;
  read(path: string): { readonly text: string } | { readonly problem: string };
  /** A name that a file in `folder` uses; null where it leads out of the tree. */
  resolve(folder: string, name: string): string | null;
  folderOf(path: string): string;
  /**
   * Whether a file with a broken key or alias is read on around it. For whoever judges it; whoever takes facts from a
   * file takes none from such a one.
   */
  readonly readsOn: boolean;
}
