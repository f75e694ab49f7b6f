// Takes secrets out of what a run says about its target: credentials and keys of URLs, authorisation headers.

const secretName = /authorization|cookie|token|secret|password|passwd|api[-_]?key|signature|credential|^sig$|^key$/i

/** The URL without user, password and the values of secret query parameters. */
export function redactUrl(text: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return text.replace(/\/\/[^/@\s]*@/, '//')
  }
  url.username = ''
  url.password = ''
  for (const name of url.searchParams.keys()) if (secretName.test(name)) url.searchParams.set(name, 'REDACTED')
  return url.href
}

export const redactHeaders = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, secretName.test(name) ? 'REDACTED' : value]))

/** An argument list as it may be stored: URLs, header values and commands, whose webhooks are keys, are redacted. */
export const redactArguments = (args: readonly string[]): readonly string[] =>
  args.map((arg, i) => {
    if (args[i - 1] === '--on-breach') return 'REDACTED'
    if (arg.startsWith('--on-breach=')) return '--on-breach=REDACTED'
    const header = /^(--header=)?([\w-]+)\s*:\s*(.*)$/s.exec(arg)
    if (header && !/^https?$/i.test(header[2]!) && secretName.test(header[2]!))
      return `${header[1] ?? ''}${header[2]}: REDACTED`
    if (/^(--?[\w-]+=)?https?:\/\//.test(arg)) return arg.replace(/https?:\/\/\S+/, redactUrl)
    // Sensors by address, several in one argument.
    return arg.replace(/(?<=[,:+])https?:\/\/[^\s,]+/g, redactUrl)
  })
