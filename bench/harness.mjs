// Side by side in one run: rounds of A B B A, ratios to the first variant with their spread, and an A/A control that shows
// what the machine's noise alone does.
import { studentQuantile } from '../dist/stats/student.js'

const sorted = (values) => [...values].sort((a, b) => a - b)
const at = (values, p) => sorted(values)[Math.floor((values.length - 1) * p)]

/**
 * @param variants [name, () => number | object | Promise][]: each call measures once; the first is ours. A call that gives
 * an object of numbers gives one table for each of its keys.
 * @returns one result, or an array of them for objects
 */
export async function compare({ title, unit, target, rounds = 9, variants }) {
  const order = [...variants, [`${variants[0][0]} (A/A)`, variants[0][1]]]
  const values = order.map(() => [])
  for (const [, measure] of order) await measure()
  for (let round = 0; round < rounds; round++) {
    const indices = order.map((_, i) => i)
    if (round % 2 === 1) indices.reverse()
    for (const i of indices) values[i].push(await order[i][1]())
  }
  const names = order.map(([name]) => name)
  if (typeof values[0][0] === 'number') return tabulate({ title, unit, target }, names, values)
  return Object.keys(values[0][0]).map((key) =>
    tabulate(
      { title: `${title}: ${key}`, unit, target },
      names,
      values.map((row) => row.map((value) => value[key])),
    ),
  )
}

function tabulate(about, names, values) {
  const rows = names.map((name, i) => {
    const ratios = values[i].map((value, r) => value / values[0][r])
    return {
      name,
      median: at(values[i], 0.5),
      best: at(values[i], 0),
      ratio: at(ratios, 0.5),
      ratio_low: at(ratios, 0.25),
      ratio_high: at(ratios, 0.75),
    }
  })
  return { ...about, rows }
}

/** Trimmed mean (a fifth at each end: neighbours of a shared host) with Yuen's interval from the winsorised variance. */
export function trimmed(values) {
  const n = values.length
  const ordered = values.sort((a, b) => a - b)
  const cut = Math.floor(n / 5)
  const kept = ordered.slice(cut, n - cut)
  const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length
  const pulled = ordered.map((_, i) => ordered[Math.min(n - cut - 1, Math.max(cut, i))])
  const centre = pulled.reduce((sum, value) => sum + value, 0) / n
  const variance = pulled.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (n - 1)
  const half = (studentQuantile(0.975, kept.length - 1) * Math.sqrt(variance / n)) / (kept.length / n)
  return { mean, half, n }
}
