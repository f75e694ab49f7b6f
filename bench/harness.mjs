// Side by side in one run: rounds of A B B A, ratios to the first variant with their spread, and an A/A control that shows
// what the machine's noise alone does.
const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
const quartile = (values, p) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * p)]

/** @param variants [name, () => number | Promise<number>][]: each call measures once; the first is ours. */
export async function compare({ title, unit, target, rounds = 9, variants }) {
  const order = [...variants, [`${variants[0][0]} (A/A)`, variants[0][1]]]
  const values = order.map(() => [])
  for (const [, measure] of order) await measure()
  for (let round = 0; round < rounds; round++) {
    const indices = order.map((_, i) => i)
    if (round % 2 === 1) indices.reverse()
    for (const i of indices) values[i].push(await order[i][1]())
  }
  const rows = order.map(([name], i) => {
    const ratios = values[i].map((value, r) => value / values[0][r])
    return {
      name,
      median: median(values[i]),
      ratio: median(ratios),
      ratio_low: quartile(ratios, 0.25),
      ratio_high: quartile(ratios, 0.75),
    }
  })
  return { title, unit, target, rows }
}
