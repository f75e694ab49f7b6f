// Parsed JSON of which nothing is known yet: anybody may have written it.
export type Json = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object with what `change` makes of one of its keys; as it is where that key holds no object. */
export function changed(object: Json, key: string, change: (value: Json) => Json): Json {
  const value = object[key]
  return isObject(value) ? { ...object, [key]: change(value) } : object
}
