// Bodies that differ from request to request: `{{id}}` is the request's number in the order of the schedule (`{{ticket}}` in
// bodies written for 0.1), `{{batch}}` its size. Nothing else is code; other braces stay as they are.
import type { RequestView } from '../target.ts'

interface Template {
  /** Literal texts with a field between each two. */
  readonly texts: readonly string[]
  readonly fields: readonly ('id' | 'batch')[]
}

/** The same bytes for all requests where the text has no fields. */
export function templateBody(text: string): Buffer | ((request: RequestView) => Buffer) {
  const template = parse(text)
  if (template.fields.length === 0) return Buffer.from(text)
  return (request) => Buffer.from(fill(template, request))
}

function parse(text: string): Template {
  const texts: string[] = []
  const fields: ('id' | 'batch')[] = []
  let from = 0
  for (const match of text.matchAll(/\{\{\s*(id|ticket|batch)\s*\}\}/g)) {
    texts.push(text.slice(from, match.index))
    fields.push(match[1] === 'batch' ? 'batch' : 'id')
    from = match.index + match[0].length
  }
  return { texts: [...texts, text.slice(from)], fields }
}

function fill({ texts, fields }: Template, request: RequestView): string {
  let text = texts[0]!
  fields.forEach((field, i) => (text += (field === 'id' ? request.id : request.size) + texts[i + 1]!))
  return text
}
