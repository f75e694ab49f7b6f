// The one template that all HTML and SVG comes from: what stands in it as a string is text and escaped; markup is a type of its
// own that nothing else can make. Each hole knows whether it is in text, in an attribute, among attributes or in a script.
import { visible } from './printable.ts'

type Kind = 'markup' | 'attributes' | 'trusted'

class Markup {
  readonly #text: string
  readonly #kind: Kind
  constructor(text: string, kind: Kind) {
    this.#text = text
    this.#kind = kind
  }
  static text(markup: Markup): string {
    return markup.#text
  }
  static kind(markup: Markup): Kind {
    return markup.#kind
  }
  /** As it goes to a page that is already open. */
  toJSON(): string {
    return this.#text
  }
}

/** Markup. It has no `toString`, so that it cannot become a string by accident and lose what it is. */
export type Html = Markup

/** Strings are escaped, `Html` is not, arrays are joined, `undefined` and numbers that are not finite are nothing. */
export type Piece = string | number | Html | undefined | readonly Piece[]

/** @example html`<p class="${level}">${name}</p>` */
export function html(texts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  const places = placesOf(texts)
  return new Markup(
    texts.reduce((all, text, i) => all + fill(pieces[i - 1], places[i - 1]!) + text),
    'markup',
  )
}

/** Names are our own; a value that is `undefined` or not finite leaves its attribute out. */
export function attributes(values: Readonly<Record<string, string | number | undefined>>): Html {
  const list = Object.entries(values).map(([name, value]) => {
    if (!/^[a-zA-Z][a-zA-Z0-9-]*$/.test(name) || acting.test(` ${name}="`)) throw new TypeError(`the attribute ${name}`)
    return value === undefined || (typeof value === 'number' && !Number.isFinite(value))
      ? ''
      : ` ${name}="${escaped(String(value))}"`
  })
  return new Markup(list.join(''), 'attributes')
}

/** The one way round the escaping: a style or script that is a constant of our own source. Never text from outside. */
export function trusted(text: string): Html {
  if (/<[/!]/.test(text)) throw new TypeError('a script or style must not contain </ or <!')
  return new Markup(text, 'trusted')
}

/** The text of a page, for the file or the response that carries it. */
export const render = (page: Html): string => Markup.text(page)

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => visible(text).replace(/[&<>"']/g, (c) => entities[c]!)

function fill(piece: Piece, place: Place): string {
  if (piece === undefined || (typeof piece === 'number' && !Number.isFinite(piece))) return ''
  if (Array.isArray(piece)) return piece.map((each: Piece) => fill(each, place)).join('')
  const kind: Kind | 'string' = piece instanceof Markup ? Markup.kind(piece) : 'string'
  if (!allowed[place].includes(kind)) throw new TypeError(`${kind} cannot stand in ${place}`)
  return piece instanceof Markup ? Markup.text(piece) : escaped(String(piece))
}

type Place = 'text' | 'quotes' | 'tag' | 'script'
const allowed: Readonly<Record<Place, readonly (Kind | 'string')[]>> = {
  text: ['string', 'markup'],
  quotes: ['string'],
  tag: ['attributes'],
  script: ['trusted'],
}

/** Attributes whose value acts: of these no part may come from a hole. */
const acting = /\s(?:style|srcdoc|on\w+)\s*=\s*"[^"]*$|\s(?:href|src|action|formaction|data)\s*=\s*"$/i

const known = new WeakMap<TemplateStringsArray, readonly Place[]>()

/** Where each hole is; said once for a template. */
function placesOf(texts: TemplateStringsArray): readonly Place[] {
  const found = known.get(texts)
  if (found) return found
  let place: Place = 'text'
  let name = ''
  const places = texts.slice(0, -1).map((text) => {
    for (const [token, opened] of text.matchAll(/<(\/?[a-z]+|!doctype)?|["'>]/gi)) {
      if (token === '<' && place !== 'script') throw new TypeError(`< without a name: ${text}`)
      if (place === 'quotes') place = token === '"' ? 'tag' : place
      else if (opened !== undefined && (place === 'text' || opened === `/${name}`)) [place, name] = ['tag', opened]
      else if (place !== 'tag') continue
      else if (token === '"') place = 'quotes'
      else if (token === '>') place = name === 'script' || name === 'style' ? 'script' : 'text'
      else throw new TypeError(`${token} within the tag ${name}`)
    }
    if (place === 'quotes' && acting.test(text)) throw new TypeError(`a hole in an attribute that acts: ${text}`)
    return place
  })
  known.set(texts, places)
  return places
}
