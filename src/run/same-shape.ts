// A proof at compile time that a schema and a type say the same.

type Shape<T> = T extends readonly (infer Item)[]
  ? Shape<Item>[]
  : T extends object
    ? {
        [Key in keyof T as string extends Key ? never : Key]-?: {} extends Pick<T, Key>
          ? Optional<T[Key]>
          : Shape<T[Key]>
      }
    : T
interface Optional<T> {
  readonly optional: Shape<Exclude<T, undefined>>
}
/** Known keys only, both ways; readonly and records aside. */
export type Same<A, B> = [Shape<A>] extends [Shape<B>] ? ([Shape<B>] extends [Shape<A>] ? true : false) : false
