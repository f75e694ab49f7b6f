// Types that the compiler takes for a plain number or string and the schema for less: `tools/write-schema.mjs` reads the tags.

/**
 * A whole number that a double holds exactly.
 * @asType integer
 * @minimum 0
 * @maximum 9007199254740991
 */
export type Count = number

/**
 * A number no larger than any count, or any time in any unit, can be: sums and squares of it stay finite.
 * @minimum -9223372036854775808
 * @maximum 9223372036854775808
 */
export type Amount = number

/**
 * The same, or NaN where it is not known, which JSON writes as null.
 * @nullable
 * @minimum -9223372036854775808
 * @maximum 9223372036854775808
 */
export type AmountOrNaN = number

/**
 * 128 random bits.
 * @pattern ^[0-9a-f]{32}$
 */
export type HexId = string
