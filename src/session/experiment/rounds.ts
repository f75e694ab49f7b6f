// The loop of every experiment: settings take turns, round after round, until enough is known. A B, then B A: a drift that
// goes on through both rounds adds to one what it takes from the next. What a trial is, is the caller's: a burst of a load
// host that stays up, or a whole run.

/**
 * @param enough asked before each round, the first one included
 * @returns for each setting its results in the order of the rounds; equally many, unless a trial fails
 */
export async function rounds<S, R>(
  settings: readonly S[],
  trial: (setting: S, round: number) => Promise<R>,
  enough: (results: ReadonlyMap<S, readonly R[]>) => boolean,
  signal?: AbortSignal,
): Promise<ReadonlyMap<S, readonly R[]>> {
  const results = new Map(settings.map((setting): [S, R[]] => [setting, []]))
  const goOn = (): boolean => signal?.aborted !== true && !enough(results)
  for (let round = 0; goOn(); round++)
    for (const setting of round % 2 === 0 ? settings : settings.toReversed())
      results.get(setting)!.push(await trial(setting, round))
  return results
}
