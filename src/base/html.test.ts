import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attributes, html, render, trusted, type Html } from './html.ts'

const shown = (page: Html): string => render(page)

describe('a hole', () => {
  test('in text and in quotes is text', () => {
    const evil = `</title><script>alert("1")</script>'&`
    const safe = '&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;'
    expect(shown(html`<p title="${evil}">${evil}</p>`)).toBe(`<p title="${safe}">${safe}</p>`)
  })

  test('takes markup, lists of it, and nothing', () => {
    const items = ['a<', 'b'].map((text) => html`<li>${text}</li>`)
    expect(shown(html`<ul>${items}${undefined}${[]}</ul>`)).toBe('<ul><li>a&lt;</li><li>b</li></ul>')
  })

  test('takes numbers; one that is not finite is nothing', () => {
    expect(shown(html`<p>${1.5}|${Number.NaN}|${Number.POSITIVE_INFINITY}</p>`)).toBe('<p>1.5||</p>')
    expect(shown(html`<rect${attributes({ x: Number.NaN, y: 2, class: undefined, id: '"' })}/>`)).toBe(
      '<rect y="2" id="&quot;"/>',
    )
  })

  test('shows what cannot be seen', () => {
    expect(shown(html`<p>${'\u0000\u001b[1m\u202e'}</p>`)).toBe('<p>\\u0000\\u001b[1m\\u202e</p>')
  })
})

describe('a template that would not be safe is refused', () => {
  const text = 'x'
  test.each<[string, () => Html]>([
    ['text among attributes', () => html`<p ${text}></p>`],
    ['an attribute without quotes', () => html`<p class=${text}></p>`],
    ['single quotes', () => html`<p class='${text}'></p>`],
    ['text as the name of an element', () => html`<${text}></p>`],
    ['the name of an end tag', () => html`<p></${text}>`],
    ['text in a script', () => html`<script>${text}</script>`],
    ['markup in a script', () => html`<script>${html`${text}`}</script>`],
    ['text in a style', () => html`<style>${text}</style>`],
    ['markup in an attribute', () => html`<p class="${html`<b>`}"></p>`],
    ['an address', () => html`<a href="${text}">a</a>`],
    ['code', () => html`<a onclick="f('${text}')">a</a>`],
    ['a style of an element', () => html`<a style="color:${text}">a</a>`],
    ['code among attributes', () => html`<p${attributes({ onclick: text })}></p>`],
    ['a name from outside', () => html`<p${attributes({ 'a b': text })}></p>`],
    ['a constant that ends its script', () => html`<script>${trusted('</script>')}</script>`],
  ])('%s', (_, made) => expect(made).toThrow(TypeError))

  test('a constant is what a script is made of, and a fragment of an address may be a hole', () => {
    expect(shown(html`<script>${trusted('a<b')}</script><a href="#${text}">${text}</a>`)).toBe(
      '<script>a<b</script><a href="#x">x</a>',
    )
  })
})

test('what only looks like markup is text', () => {
  const fake = { toString: () => '<b>', toJSON: () => '<b>' } as unknown as Html
  expect(shown(html`<p>${fake}</p>`)).toBe('<p>&lt;b&gt;</p>')
})

test('markup does not become a string by accident', () => {
  expect(Object.hasOwn(Object.getPrototypeOf(html`<p></p>`) as object, 'toString')).toBe(false)
  expect(JSON.stringify({ part: html`<p>${'<'}</p>` })).toBe('{"part":"<p>&lt;</p>"}')
})

test('no text opens an element or leaves its attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const [before, inside, after] = shown(html`<p title="${text}">${text}</p>`).split(/<p title="|">/)
      expect(before).toBe('')
      expect(inside).not.toMatch(/["<>]/)
      expect(after).toMatch(/^[^<>]*<\/p>$/)
    }),
  )
})
