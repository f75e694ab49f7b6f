// What a run folder may contain, in every text of it: no page of it runs, holds or asks for anything more than the same page of
// harmless text, and no terminal gets an order. In real Chromium, by its policy. The live page likewise.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { module, openRun, reportHtml, serveLive, type RunDocument } from '../dist/index.js'
import { parseManifest, parseRunDocument } from '../dist/run/schema.js'
import { upgradeDocument } from '../dist/run/upgrade.js'
import { createRun } from '../dist/store/create.js'
import { adversarial, allAdversarial, ordersIn } from './fixtures/adversarial.ts'
import {
  contents,
  inBrowser,
  look,
  newTab,
  quiet,
  sameAs,
  scratch,
  tagsOf,
  tailwatt,
  watchOver,
  type Seen,
} from './fixtures/hostile-output.ts'
import {
  argument,
  documents,
  filled,
  free,
  freeTexts,
  harmless,
  pageOf,
  rich,
  runFolder,
  stored,
  tamed,
} from './fixtures/hostile-run.ts'

const fixtures = join(import.meta.dirname, 'fixtures')

describe('a run folder', () => {
  test('every text of run.json that a reader shows is tried, and every chart', async () => {
    const page = await pageOf('rich', rich, harmless)
    for (const each of ['held back (seconds)', 'class="gap"', 'class="key ', 'Ceilings', 'Evidence'])
      expect(page).toContain(each)
    expect(() => parseRunDocument(JSON.parse(JSON.stringify(rich)))).not.toThrow()
    const places = [...free(rich), ...free(stored)]
    for (const place of [
      '/target/name',
      '/host/gpus/*/name',
      '/host/gpus/*/uuid',
      '/host/cpu_model',
      '/channels/*/id',
      '/channels/*/device',
      '/findings/*/title',
      '/findings/*/evidence/key',
      '/findings/*/advice',
      '/unmeasured/*/reason',
      '/unmeasured/*/remedy',
      '/unmeasured/*/what',
      '/advice/*/failure',
      '/sla/*/rule',
      '/tool/command/*',
      '/synthetic/note',
      '/thermal/throttled/*/reason',
      '/energy/chain/*/parts/*/joules/sources/*',
      '/requests/errors/*/message',
    ])
      expect(places).toContain(place)
  })

  test.each(Object.entries({ ...adversarial, 'all of it': allAdversarial }))(
    '%s in every field',
    async (name, text) => {
      for (const [kind, document] of Object.entries(documents)) {
        const [hostile, tame] = [await pageOf(kind, document, text), await pageOf(kind, document, tamed(text))]
        expect(tagsOf(hostile), kind).toBe(tagsOf(tame))
        expect(ordersIn(hostile), kind).toEqual([])
        if (name === 'all of it') await sameAs(hostile, tame)
      }
    },
  )

  inBrowser('each of them on a page of its own', async () => {
    const page = async (text: string): Promise<Seen> => look(await pageOf('each', stored, text))
    for (const [name, text] of Object.entries(adversarial)) {
      const seen = await page(text)
      expect(seen.problems, name).toEqual([])
      expect(seen.elements, name).toEqual((await page(tamed(text))).elements)
    }
  })

  inBrowser(
    'and were it markup all the same, the policy would let none of it run',
    async () => {
      const html = await reportHtml(await openRun(runFolder('markup', stored)))
      for (const name of ['script', 'end of an attribute', 'an SVG that loads', 'a drawing’s foreign object']) {
        const seen = await look(
          html.replace('<main>', () => `<main>${adversarial[name]}`),
          false,
        )
        expect(seen.problems.join(), name).toMatch(/Content Security Policy/)
        expect(seen.title).toBe('example.onnx – tailwatt')
      }
      expect(html).toMatch(/script-src &#39;sha256-[\w+/=]+&#39;;/)
      expect(html).not.toContain('unsafe')
    },
    120_000,
  )

  test.each(Object.entries(documents))('%s, shown, listed and reported in a terminal', async (kind, document) => {
    // The folder's own name too, as far as a file system takes it.
    const name = `${argument.replaceAll('/', '∕').slice(0, 60)}\u001b[31m\u009b2J\n\u202e`
    const folder = runFolder(name, filled(document, parseRunDocument, allAdversarial, free(document)))
    for (const terminal of [false, true]) {
      for (const args of [
        ['show', folder],
        ['show', folder, '--json'],
        ['show', folder, '--readings'],
        ['list', '--out', join(scratch, 'runs')],
        ['list', '--json', '--out', join(scratch, 'runs')],
        ['report', folder],
      ]) {
        const output = await tailwatt(args, terminal)
        expect(output, args[0]).toMatchObject({ status: 0, stderr: '' })
        expect(output.stdout).not.toBe('')
        quiet(output, terminal)
        if (args.includes('--json')) JSON.parse(output.stdout)
      }
    }
    const json = JSON.parse((await tailwatt(['show', folder, '--json'])).stdout) as RunDocument
    expect(json.target.name, kind).toContain(allAdversarial)
    rmSync(folder, { recursive: true })
  })

  test('one that was cut off, events and all', async () => {
    const facts = readFileSync(join(fixtures, 'runs/v1-killed/run.json'), 'utf8')
    const manifest = upgradeDocument(JSON.parse(facts), 'v1-killed')
    // A rule that is none is refused when the run is analysed.
    const places = new Set([...freeTexts(manifest, parseManifest)].filter((place) => !/sla|until/.test(place)))
    const killed = async (text: string, name: string): Promise<string> => {
      const out = join(scratch, name)
      const writer = createRun(
        out,
        parseManifest({ ...filled(manifest, parseManifest, text, places), id: 'a'.repeat(32) }),
      )
      const event = (kind: string, data: object): void =>
        writer.appendEvent({ t: 1e6, kind, data } as unknown as Parameters<typeof writer.appendEvent>[0])
      event('error', { code: text, message: text, request: 1 })
      event('phase', { name: text, edge: 'begin' })
      event('gc', { thread: text, kind: text, duration_ms: 1 })
      event(text, { [text]: text })
      writer.release()
      return writer.folder
    }
    const [hostile, tame] = [await killed(allAdversarial, 'killed'), await killed(tamed(allAdversarial), 'killed-tame')]
    for (const terminal of [true, false]) {
      const shown = await tailwatt(['show', hostile], terminal)
      expect(shown).toMatchObject({ status: 0, stderr: '' })
      quiet(shown, terminal)
    }
    await sameAs(await reportHtml(await openRun(hostile)), await reportHtml(await openRun(tame)))
  })

  test('one that is damaged is called that in a line', async () => {
    const folder = runFolder('damaged', {})
    for (const text of [
      JSON.stringify({ schema: allAdversarial }),
      allAdversarial,
      JSON.stringify({ ...stored, state: allAdversarial }),
    ]) {
      writeFileSync(join(folder, 'run.json'), text)
      const output = await tailwatt(['show', folder])
      expect(output).toMatchObject({ status: 2, stdout: '' })
      expect(output.stderr).toMatch(/^tailwatt: [^\n]+\n$/)
      quiet(output)
    }
  })
})

// ---- the live page

inBrowser('the live page, to its end as the report', async () => {
  const target = (text: string) => module(`/x/${text.replaceAll('/', '∕')}.mjs`, {})
  const counts = async (text: string, end: 'report' | 'message'): Promise<Readonly<Record<string, number>>[]> => {
    const live = await serveLive({ target: target(text) })
    const { url } = live
    const tab = await newTab()
    const problems = watchOver(tab)
    try {
      await tab.goto(url)
      await tab.waitForSelector('text=Live from tailwatt')
      live.show({ stage: 'cold-start', message: text, elapsed_s: 0, sent: 0, failed: 0 })
      await tab.waitForSelector('text=Measuring the cold start')
      const during = await contents(tab)
      expect(during.title).toMatch(/tailwatt, live$/)
      const document = { ...stored, target: { ...stored.target, name: text } }
      const report = await reportHtml(await openRun(runFolder('live', filled(document, parseRunDocument, text))))
      await live.end(end === 'report' ? { report } : { message: text })
      await tab.waitForSelector(end === 'report' ? 'text=Load certificate' : 'text=The run has ended.')
      const after = await contents(tab)
      expect(after.title).toMatch(end === 'report' ? / – tailwatt$/ : /tailwatt, live$/)
      // Our own server is asked, nobody else.
      expect(problems.filter((each) => !each.startsWith(url))).toEqual([])
      return [during.elements, after.elements]
    } finally {
      await tab.close()
      await live.end({ message: 'over' }).catch(() => undefined)
    }
  }
  for (const end of ['report', 'message'] as const)
    expect(await counts(allAdversarial, end)).toEqual(await counts(tamed(allAdversarial), end))
})
