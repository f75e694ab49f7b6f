// The kernel's lists of numbers, as in `cpumask` and `online`: `0-3,8`.

/** The numbers of a list, in its order; what is no number is left out. */
export function cpuList(text: string): readonly number[] {
  return text
    .trim()
    .split(',')
    .flatMap((part) => {
      const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? []
      if (from === undefined) return []
      const first = Number(from)
      return Array.from({ length: Number(to ?? from) - first + 1 }, (_, i) => first + i)
    })
}
