// How deep parsed JSON goes. JSON.parse reads any depth; what walks a document afterwards calls itself once a level, and a file
// that others wrote must not exhaust the stack.

/** Levels; a run's document has 9 at most. */
const deepest = 100

/** Whether parsed JSON has more levels than anything of ours. */
export function isTooDeep(value: unknown): boolean {
  const open: { readonly value: unknown; readonly level: number }[] = [{ value, level: 0 }]
  for (let next = open.pop(); next; next = open.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue
    if (next.level === deepest) return true
    for (const child of Object.values(next.value)) open.push({ value: child, level: next.level + 1 })
  }
  return false
}
