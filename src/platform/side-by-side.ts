/** Acts on all items, so many at a time; the results stand in the order of the items. The first failure ends it. */
export async function mapSideBySide<A, B>(
  items: readonly A[],
  width: number,
  act: (item: A, index: number) => Promise<B>,
): Promise<B[]> {
  const results: B[] = [];
  const waiting = items.entries();
  const work = async () => {
    for (const [index, item] of waiting) results[index] = await act(item, index);
  };
  await Promise.all(Array.from({ length: width }, work));
  return results;
}
