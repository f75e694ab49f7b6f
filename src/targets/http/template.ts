// Bodies that differ from request to request: `{{ticket}}` is the request's number, `{{batch}}` its size. Nothing else is
// code; other braces stay as they are.
import type { RequestView } from '../target.ts'

export interface Template {
  /** Literal texts with a field between each two. */
  readonly texts: readonly string[]
  readonly fields: readonly ('ticket' | 'batch')[]
}

export function parseTemplate(text: string): Template {
  const texts: string[] = []
  const fields: ('ticket' | 'batch')[] = []
  let from = 0
  for (const match of text.matchAll(/\{\{\s*(ticket|batch)\s*\}\}/g)) {
    texts.push(text.slice(from, match.index))
    fields.push(match[1] as 'ticket' | 'batch')
    from = match.index + match[0].length
  }
  return { texts: [...texts, text.slice(from)], fields }
}

export function renderTemplate({ texts, fields }: Template, request: RequestView): string {
  let text = texts[0]!
  fields.forEach((field, i) => (text += (field === 'ticket' ? request.ticket : request.size) + texts[i + 1]!))
  return text
}
