// What may be stored and shown of an address. The policy is a default, not a list of secret names: scheme, host, port, plain
// path segments and query names stay, every other part becomes REDACTED or is dropped (docs/decisions/0006).
// `redact-command.ts` does the same for headers, bodies and whole commands; `redact-text.ts` for texts that others wrote.

export const redacted = 'REDACTED'

interface Address {
  readonly scheme: string
  readonly userinfo: string
  /** Host and port. */
  readonly host: string
  readonly segments: readonly string[]
  /** Each `name=value`, or a bare value. */
  readonly query: readonly string[] | undefined
  readonly fragment: string
}

// By hand rather than by `URL`: what cannot be parsed has secrets too. A browser takes `\` for `/`, and `http:host` for
// `http://host`, so both are read that way.
const shape =
  /^((?:[a-z][a-z0-9+.-]*:(?=[/\\])|(?:https?|wss?|ftp|grpcs?|unix):)?[/\\]*)([^/\\?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is

function parse(text: string): Address {
  const [, scheme = '', authority = '', path = '', query, fragment = ''] = shape.exec(
    text.replace(/[\t\n\r]/g, '').trim(),
  )!
  const segments = path.split(/[/\\]/)
  // A socket's path has no host before it.
  if (/^unix:/i.test(scheme)) {
    const [head, ...rest] = segments
    return {
      scheme,
      userinfo: '',
      host: '',
      segments: [authority + head!, ...rest],
      query: query?.split('&'),
      fragment,
    }
  }
  const at = authority.lastIndexOf('@')
  return {
    scheme,
    userinfo: authority.slice(0, Math.max(0, at)),
    host: authority.slice(at + 1),
    segments,
    query: query?.split('&'),
    fragment,
  }
}

const hostAndPort = /^(?:[\p{L}\p{M}\p{N}._-]*|\[[0-9a-f:.]+\])(?::\d{0,5})?$/iu

// What words, versions and names of models are made of: `chat`, `v1`, `resnet50`, `8b`, `INT4`, `8x7B`, `GRPCService`.
const plainPiece =
  /^(?:[A-Z]{0,5}[a-z]{1,16}(?:[A-Z][a-z]{2,16}){0,3}|[A-Z]{1,5}|\d{1,4}|(?:[A-Z]?[a-z]{1,12}|[A-Z]{1,5})\d{1,3}|\d{1,3}[A-Za-z]{1,2}|\d{1,3}x\d{1,3}[bB]?)$/
const longestPlain = 80
/** More pieces of letters and digits than the name of a model has are the groups of a key. */
const mostMixed = 3

/** Whether a path segment or the name of a query parameter reads like words rather than like a key. */
function isPlain(text: string): boolean {
  if (text.length > longestPlain) return false
  const pieces = text.split(/[-_.~:]/).filter((piece) => piece !== '')
  const mixed = pieces.filter((piece) => /\d/.test(piece) && /[A-Za-z]/.test(piece)).length
  return mixed <= mostMixed && pieces.every((piece) => plainPiece.test(piece))
}

const isPlainName = (name: string): boolean => isPlain(name.replace(/(?:\[\])+$/, ''))

function redactParameter(text: string): string {
  const equals = text.indexOf('=')
  if (equals < 0) return text === '' ? '' : redacted
  const name = text.slice(0, equals)
  return `${isPlainName(name) ? name : redacted}=${equals === text.length - 1 ? '' : redacted}`
}

/**
 * An address as it may be stored and shown, well-formed or not, with or without a scheme.
 * @example redactAddress('https://me:pw@host:8000/v1/chat?key=k#f') // 'https://host:8000/v1/chat?key=REDACTED'
 */
export function redactAddress(text: string): string {
  const { scheme, host, segments, query } = parse(text)
  const path = segments.map((segment) => (isPlain(segment) ? segment : redacted)).join('/')
  const parameters = query === undefined ? '' : `?${query.map(redactParameter).join('&')}`
  return `${scheme}${hostAndPort.test(host) ? host : redacted}${path}${parameters}`
}

/** The parts of an address that {@link redactAddress} takes out. */
export function addressSecrets(text: string): readonly string[] {
  const { userinfo, host, segments, query, fragment } = parse(text)
  const colon = userinfo.indexOf(':')
  return [
    userinfo,
    ...(colon < 0 ? [] : [userinfo.slice(0, colon), userinfo.slice(colon + 1)]),
    ...(hostAndPort.test(host) ? [] : [host, ...host.split(':')]),
    ...segments.filter((segment) => !isPlain(segment)),
    ...(query ?? []).flatMap((parameter) => {
      const equals = parameter.indexOf('=')
      if (equals < 0) return [parameter]
      const name = parameter.slice(0, equals)
      return [parameter.slice(equals + 1), ...(isPlainName(name) ? [] : [name])]
    }),
    fragment,
  ].filter((part) => part !== '')
}

// A URL, or `user:password@host`; bounded, so that no text takes longer than its length.
const inText =
  /(?<![\w+.-])[a-z][a-z0-9+.-]+:[/\\]{2}[^\s"'<>`]*|(?<![^\s"'`(=,+])(?!\S{0,256}:\/\/)[^\s/\\"'`:@(=]{1,256}:[^\s"'`@]{0,1024}@[^\s"'<>`]*/gi

/** A text with every address in it redacted. A file's URL is a path, and stays. */
export const redactText = (text: string): string =>
  text.replace(inText, (found) => {
    if (/^file:/i.test(found)) return found
    const address = found.replace(/[.,;:!)}]+$/, '')
    return redactAddress(address) + found.slice(address.length)
  })

/**
 * Whether an argument is meant as an address rather than as a file: a scheme, a user, a query, or a port before a slash.
 * A name such as `model@2.onnx` is none, nor is `C:\model.onnx`.
 */
const meansAddress = (text: string): boolean =>
  /^\s*(?:[a-z][a-z0-9+.-]+:[/\\]|(?:https?|wss?|ftp|grpcs?):)/i.test(text)
    ? !/^\s*file:/i.test(text)
    : /^[^/\\:]+:.*@|^[^/\\@]+@[^/\\]*(?::\d|[/?#])|^(?:\[[^/\\\]]*\]|[^/\\:]+):\d+[/?#]|^[^?]*\?.*=/s.test(text) &&
      !/^[a-z]:[/\\]/i.test(text)

/** What a user typed where a target, a file or a run was expected. */
export const redactArgument = (text: string): string => (meansAddress(text) ? redactAddress(text) : redactText(text))

/** The parts that {@link redactArgument} takes out. */
export const argumentSecrets = (text: string): readonly string[] =>
  meansAddress(text) ? addressSecrets(text) : textSecrets(text)

/** The parts that {@link redactText} takes out. */
export const textSecrets = (text: string): readonly string[] =>
  [...text.matchAll(inText)].flatMap(([found]) => (/^file:/i.test(found) ? [] : addressSecrets(found)))
