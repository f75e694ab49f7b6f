// How far the power and energy that NVIDIA's boards report are off, whoever passes it on: NVML or DCGM.

/**
 * Half-width of the board's systematic error, as a share of what it reports: the steady-state errors of arXiv 2312.02741
 * (artefact) against a reference meter. Five of its nine boards lie within 5 %, which is assumed of those it does not have.
 * What the counter adds up comes from the same measurement, as far as is known.
 */
export const powerError = (name: string): number => boardErrors.find(([board]) => board.test(name))?.[1] ?? 0.05

const boardErrors: readonly (readonly [RegExp, number])[] = [
  [/\bA100\b/, 0.06],
  [/\bRTX A5000\b/, 0.07],
  [/\bRTX 2080 Ti\b/, 0.07],
  [/\bRTX 2060 SUPER\b/, 0.11],
  [/\bK620\b/, 0.7],
]
