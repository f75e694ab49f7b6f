// Quantiles of Student's t and of the normal distribution, from the inverse of the incomplete beta function.
import { betaQuantile } from './beta.ts'

/** The t with P(T ≤ t) = p at `df` degrees of freedom (> 0); p in (0, 1). */
export function studentQuantile(p: number, df: number): number {
  if (p === 0.5) return 0
  const tail = p < 0.5 ? p : 1 - p
  const x = betaQuantile(2 * tail, df / 2, 0.5)
  const t = Math.sqrt((df * (1 - x)) / x)
  return p < 0.5 ? -t : t
}

/** The z with Φ(z) = p (Acklam's rational approximation, relative error below 1.2e-9). */
export function normalQuantile(p: number): number {
  const tail = p < 0.5 ? p : 1 - p
  let z: number
  if (tail < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(tail))
    z =
      (((((-7.784894002430293e-3 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q +
        4.374664141464968) *
        q +
        2.938163982698783) /
      ((((7.784695709041462e-3 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1)
  } else {
    const q = tail - 0.5
    const r = q * q
    z =
      ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
        30.66479806614716) *
        r +
        2.506628277459239) *
        q) /
      (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
        13.28068155288572) *
        r +
        1)
  }
  return p < 0.5 ? z : -z
}
