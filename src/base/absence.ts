// Why something is not there, and what helps: expected absence is data, not an exception.

export interface Absence {
  readonly reason: string
  readonly remedy: string
}

export type Absent = { readonly ok: false } & Absence

export const absent = (reason: string, remedy: string): Absent => ({ ok: false, reason, remedy })
