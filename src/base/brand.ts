// Nominal types over primitives: a `Nanos` cannot be passed where `Bytes` are asked for.
declare const tag: unique symbol
export type Brand<T, Name extends string> = T & { readonly [tag]?: Name }
