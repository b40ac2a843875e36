import * as z from "zod/mini";

/** That no two items of a list say the same; the issue stands at the second one. */
export function unique<T>(keyOf: (item: T) => string): z.core.$ZodCheck<T[]> {
  return z.check<T[]>((payload) => {
    const seen = new Set<string>();
    for (const [i, item] of payload.value.entries()) {
      const key = keyOf(item);
      if (seen.has(key))
        payload.issues.push({
          code: "custom",
          input: item,
          path: [i],
          message: `must not name ${key} a second time`,
        });
      seen.add(key);
    }
  });
}
