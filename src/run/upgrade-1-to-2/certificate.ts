// Format 2: a reason of the load certificate was one sentence, "what is wrong; what to do", and is code, title and advice.
import { changed, type Json } from './json.ts'

const codes = [
  [/^the rate of .* was not reached: /, 'rate-missed'],
  [/^requests were sent late by us: /, 'sent-late'],
  [/^the arrivals were not /, 'arrivals'],
  [/^\d+ rows were lost /, 'rows-lost'],
  [/^a load thread was busy all the time: /, 'client-saturated'],
] as const

export function upgradeCertificate(document: Json): Json {
  return changed(document, 'load_certificate', (certificate) => {
    const { reasons } = certificate
    return Array.isArray(reasons) ? { ...certificate, reasons: reasons.map(asReason) } : certificate
  })
}

function asReason(reason: unknown): unknown {
  if (typeof reason !== 'string') return reason
  const code = codes.find(([pattern]) => pattern.test(reason))?.[1] ?? 'other'
  const at = reason.lastIndexOf('; ')
  return at < 0 ? { code, title: reason } : { code, title: reason.slice(0, at), advice: reason.slice(at + 2) }
}
