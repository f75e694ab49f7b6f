// The address of an HTTP server as people type it. What is no address, of another protocol, or of a port that nobody can
// listen on is refused in a clause that repeats nothing of it: there may be a password inside.
import { fail, ok, type Result } from '../base/result.ts'

/** @param scheme what is meant where none is written; without it one must be */
export function parseHttpAddress(text: string, scheme?: 'http'): Result<URL, string> {
  const written = /^([a-z][a-z\d+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (written !== undefined && written !== 'http' && written !== 'https')
    return fail(`addresses begin with http:// or https://, not ${written}://`)
  const full = written === undefined && scheme !== undefined ? `${scheme}://${text}` : text
  if (text.trim() === '' || !URL.canParse(full)) return fail('the address is not a URL')
  const url = new URL(full)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return fail('addresses begin with http:// or https://')
  if (url.port === '0') return fail('nobody can listen on port 0')
  return ok(url)
}
